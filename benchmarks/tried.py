"""What was tried to make the tagger faster on a CPU, and what came of it: noted by hand, once."""

from __future__ import annotations

from typing import Final

# Lines of a table cannot be broken.
# ruff: noqa: E501
TRIED: Final = """## What did not help

What made the tagger's network faster on a CPU, and what did not. These numbers alone were noted by
hand, once: seconds of CPU of one core, the least of several calls that took turns, on an AMD EPYC
with AVX2 and no instructions for sums of byte products (VNNI, AMX), ONNX Runtime 1.32.0. The machine
was busy (load 12 to 37 on 2 cores), which slows all of them, and may slow one that reads much memory
more than the others. They say which is faster there, not how fast it is on a quiet machine.

The network on one window of 71 and of 160 tokens, ms; how far its scores (logits) are from those of
plain fp32 on the texts of the test that compares the runtimes, on average; and how many mentions get
the same spans there (of all 320 texts, or of every eighth):

| network | 71 | 160 | scores | mentions | |
|---|---:|---:|---:|---:|---|
| plain fp32 weights | 55 | 123 | 0 | all | 90 MB as a file |
| **int8 weights with a scale for 32 inputs, unpacked when the session opens, fp32 arithmetic** | **56** | | **0.010** | **2,156 of 2,160** | **shipped: 25 MB** |
| the same, one scale for each output | 54 | 120 | 0.018 | 2,152 of 2,160 | saves 1 MB |
| query, key and value as one product (`Attention`) | 54 | 120 | 0 | all | no gain: three products fill a core as well |
| byte products, one scale a token (`QuantizeLinear` by row, `MatMulIntegerToFloat`), smoothed | 56 | | 0.037 | 278 of 281 | no gain here, and too few mentions |
| `MatMulNBits`, 8 bits, blocks of 32 (shipped before) | 122 | 276 | | | unpacks weights, or rounds activations, in every call |

From text to spans, 40 paragraphs of 97 tokens: 10.6 a second of CPU, 4.8 with `MatMulNBits`; tokenizer
and decoding take 2.4 ms of the 94 ms of a paragraph.

Why: products alone, 71 x 384 by 384 x 1536, on one core:

| product | ms | GOP/s |
|---|---:|---:|
| `MatMul`, fp32 | 2.38 | 35 |
| `MatMulInteger`, unsigned by unsigned | 2.25 | 37 |
| `MatMulInteger`, unsigned by signed (7 bits, or AVX2 saturates) | 2.33 | 36 |
| `MatMulInteger`, signed by signed | 6.61 | 13 |
| `DynamicQuantizeMatMul` (one scale a call) | 2.39 | 35 |
| `MatMulNBits`, 8 bits, blocks of 32: rounded activations; fp32 | 9.51; 8.80 | 9; 10 |
| `MatMulNBits`, 8 bits, blocks of 128: the same | 6.07; 3.71 | 14; 23 |
| `MatMulNBits`, 4 bits, blocks of 32: the same | 3.33; 2.57 | 25; 33 |

There, bytes are multiplied no faster than floats, so the fp32 peak is the limit whatever the
quantisation. A token costs 21 million operations in the dense layers: at 178 GFLOP/s, the fp32 peak
of the ladder's machine, no more than 118 paragraphs/s of 69 tokens. More takes a smaller network,
or a processor with VNNI or AMX and byte products that keep the mentions.

Or fewer layers where they suffice: a window in which nobody is named leaves early. One of 32 tokens
takes 8.5 ms then, 23.6 with all layers; one that goes on takes as long as before. How many leave
is the text's: of 1,500 distinct paragraphs of the real study reports 55 % (47 % of the tokens, so 69 % of
the products are left), of tweets and of the generator's letters 2 to 3 %. Which layer to leave after was
tried with gates fitted to 2,200 texts and set so that none of 754 tweets with a hit left:

| layers below the gate | tokens of the reports that leave | products left |
|---:|---:|---:|
| 1 | 42 % | 65 % |
| **2** | **66 %** | **56 %** |
| 3 | 74 % | 63 % |

The shipped gate was fitted to 6,000 texts and is set more cautiously: no window of 3,500 calibration texts
leaves in which the network gives a mention a quarter. No mention was lost in 754 tweets, 349 held-out
texts and 129 paragraphs of the reports in which the whole network has a hit.

Not measured: static scales from calibration text (the same products as one scale a token, without
the 2 % that finding the scale costs, and clipped where a text is unlike the calibration's);
OpenVINO (180 MB installed) and CTranslate2 (147 MB), of which neither fits in what the cpu image
has left. Padding is no issue: every window is a call of its own.
"""
