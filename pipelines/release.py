"""The pipeline after a review: what a person decided is redacted, verified and published."""

from kfp import dsl

from nescio_components.release_reviewed import release_reviewed
from nescio_pipelines.resources import sized

RUN = dsl.PIPELINE_JOB_ID_PLACEHOLDER


@dsl.pipeline(
    name="nescio-release",
    description="Releases documents as a person decided in their review.",
)
def release(
    inbox: str = "s3://nescio-inbox",
    outbox: str = "s3://nescio-outbox",
    reader: str = "",
    passwords: str = "",
    others: str = "ask",
    unseen: str = "ask",
    confidential: str = "",
):
    """Release every document whose review one reader has finished.

    Args:
        inbox: Folder or s3://bucket/prefix with the originals.
        outbox: Folder or s3://bucket/prefix with proposals and decisions; receives the results.
        reader: Whose decisions count: the name given to nescio review --reader.
        passwords: URI of a CSV file (path,password) for encrypted PDFs; empty for none.
        others: Where the text of a new mark stands elsewhere: ask (wait), cover or leave.
        unseen: Where detectors find what nobody decided on: ask (wait) or leave.
        confidential: URI of a CSV file (text,justification) of texts to remove, too; or empty.
    """
    sized(
        release_reviewed(
            inbox=inbox,
            outbox=outbox,
            run=RUN,
            reader=reader,
            passwords=passwords,
            others=others,
            unseen=unseen,
            confidential=confidential,
        )
    )
