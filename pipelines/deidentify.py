"""The DAG: from an inbox of PDFs to an outbox of redacted, verified PDFs, on one screen."""

from kfp import dsl

from nescio_components.collect import collect
from nescio_components.decide import decide
from nescio_components.extract import extract
from nescio_components.gather import gather
from nescio_components.hybrid_search import hybrid_search
from nescio_components.notify import notify as say_how_it_ended
from nescio_components.predict_context import predict_context
from nescio_components.predict_entities import predict_entities
from nescio_components.redact import redact
from nescio_components.release import release
from nescio_components.segment import segment
from nescio_pipelines.resources import sized

PARALLELISM = 10
RUN = dsl.PIPELINE_JOB_ID_PLACEHOLDER


@dsl.pipeline(
    name="nescio-deidentify",
    description="Takes people's identities out of healthcare PDFs and proves it.",
)
def deidentify(
    inbox: str = "s3://nescio-inbox",
    outbox: str = "s3://nescio-outbox",
    policy: str = "everything",
    model: str = "",
    runtime: str = "auto",
    passwords: str = "",
    reference: str = "",
    reference_mapping: str = "",
    vault: str = "",
    vault_key: str = "",
    style: str = "",
    boxes: str = "tight",
    raster: str = "never",
    web_links: bool = False,
    keep_names: bool = False,
    propose: bool = False,
    pages_per_shard: int = 100,
    notify: str = "",
):
    """Redact every PDF of the inbox that the outbox does not have yet.

    Args:
        inbox: Folder or s3://bucket/prefix with the PDFs.
        outbox: Folder or s3://bucket/prefix that receives the results.
        policy: Name of a built-in policy, or the URI of a policy file.
        model: Folder or hub id of a token classifier; empty for the shipped one.
        runtime: Where the tagger runs: auto, onnx or torch.
        passwords: URI of a CSV file (path,password) for encrypted PDFs; empty for none.
        reference: URI of a table of known people (Parquet, CSV, SAS XPT); empty for none.
        reference_mapping: URI of the YAML file that says which columns hold which entity.
        vault: Path or URI of the encrypted mapping that is kept from run to run; empty for none.
        vault_key: Path or URI of the vault's key file, never a key; empty for NESCIO_VAULT_KEY.
        style: How a removal looks: box, white or label; empty for the policy's own.
        boxes: tight, or quantised so that a box's width does not give a name away.
        web_links: Keep links to addresses of the web that hold nothing hidden.
        raster: Pages that become pictures: never, needed (if nothing else verifies), or all.
        keep_names: Name released files as the inputs were named. Only if names are harmless.
        propose: Write proposals for a person to edit instead of releasing documents.
        pages_per_shard: Pages that one extraction task is meant to hold.
        notify: Who hears how the run ended: https://host/path or mailto:address; empty for nobody.
    """
    last_word = sized(say_how_it_ended(outbox=outbox, run=RUN, target=notify))
    with dsl.ExitHandler(last_word, name="deidentify"):
        inputs = sized(
            collect(
                inbox=inbox,
                outbox=outbox,
                run=RUN,
                policy=policy,
                model=model,
                passwords=passwords,
                pages_per_shard=pages_per_shard,
                propose=propose,
            )
        )
        with dsl.ParallelFor(
            inputs.outputs["Output"], name="extract-pages", parallelism=PARALLELISM
        ) as shard:
            extracted = sized(
                extract(shard=shard, inbox=inbox, outbox=outbox, run=RUN, passwords=passwords)
            )
        gathered = sized(
            gather(
                shards=dsl.Collected(extracted.outputs["tables"]),
                documents=inputs.outputs["documents"],
                outbox=outbox,
                run=RUN,
                policy=policy,
            )
        )
        entities = sized(
            predict_entities(
                gathered=gathered.output,
                outbox=outbox,
                run=RUN,
                policy=policy,
                model=model,
                runtime=runtime,
            )
        )
        context = sized(predict_context(gathered=gathered.output, outbox=outbox, run=RUN))
        segmented = sized(
            segment(
                gathered=gathered.output,
                entities=entities.output,
                context=context.output,
                outbox=outbox,
                run=RUN,
                reference=reference,
                reference_mapping=reference_mapping,
            )
        )
        with dsl.ParallelFor(
            segmented.outputs["Output"], name="search-blobs", parallelism=PARALLELISM
        ) as shard:
            found = sized(hybrid_search(shard=shard, outbox=outbox, run=RUN))
        decided = sized(
            decide(
                shards=dsl.Collected(found.outputs["tables"]),
                segmented=segmented.outputs["tables"],
                gathered=gathered.output,
                context=context.output,
                outbox=outbox,
                run=RUN,
                policy=policy,
                vault=vault,
                vault_key=vault_key,
            )
        )
        with dsl.ParallelFor(
            decided.outputs["Output"], name="redact-documents", parallelism=PARALLELISM
        ) as shard:
            redacted = sized(
                redact(
                    shard=shard,
                    inbox=inbox,
                    outbox=outbox,
                    run=RUN,
                    passwords=passwords,
                    policy=policy,
                    style=style,
                    boxes=boxes,
                    raster=raster,
                    web_links=web_links,
                    propose=propose,
                )
            )
        sized(
            release(
                shards=dsl.Collected(redacted.outputs["tables"]),
                gathered=gathered.output,
                decided=decided.outputs["tables"],
                outbox=outbox,
                run=RUN,
                policy=policy,
                keep_names=keep_names,
            )
        )
