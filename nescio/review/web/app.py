"""The application: pages, pictures and decisions of the documents of one outbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from importlib import resources
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nescio.errors import NescioError
from nescio.flags import DEFAULT_REMEDY, REMEDIES
from nescio.review import audit
from nescio.review.log import ConflictError
from nescio.review.marks import LABELS, hex_colour
from nescio.review.web.access import Access
from nescio.review.web.asked import read_event, read_query, read_release
from nescio.review.web.case import Case, Cases, shown_mark
from nescio.review.web.drawing import (
    SCALES,
    draw_page,
    draw_released,
    read_words,
)
from nescio.review.web.guard import Guard
from nescio.review.web.releasing import release_case

FILES: Final = {
    "review.css": "text/css",
    "main.js": "text/javascript",
    "pages.js": "text/javascript",
    "queue.js": "text/javascript",
    "words.js": "text/javascript",
    "server.js": "text/javascript",
    "list.js": "text/javascript",
    "login.js": "text/javascript",
}
"""What is served as it lies in the package; nothing else is looked up by a request's words."""

VERBS: Final = {
    "label": "relabelled",
    "add": "added",
    "withdraw": "withdrawn",
    "undo": "undone",
}


def make_app(
    cases: Callable[[], Cases],
    hosts: Iterable[str],
    cookie: str,
    access: Access,
    *,
    secure: bool = False,
) -> Guard:
    """Return the application behind its guard.

    Args:
        cases: makes the documents, inside the server's loop.
        hosts: values of the Host header by which the server may be called.
        cookie: name of the cookie.
        access: who may use it.
        secure: whether it is served by TLS.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.cases = cases()
        try:
            await app.state.cases.drawers.ready()
            yield
        finally:
            app.state.cases.close()

    one = "/d/{doc:str}"
    routes = [
        Route("/", _page("list.html")),
        Route("/login", _page("login.html", secret=False)),
        Route(one, _page("review.html")),
        Route("/assets/{name:str}", _asset),
        Route("/favicon.ico", _nothing),
        Route("/api/documents", _documents),
        Route(f"/api{one}/state", _of(_state)),
        Route(f"/api{one}/page/{{page:int}}/{{scale:float}}.png", _of(_picture)),
        Route(f"/api{one}/released/{{page:int}}/{{scale:float}}.png", _of(_released)),
        Route(f"/api{one}/words/{{page:int}}", _of(_words)),
        Route(f"/api{one}/why/{{mention:int}}", _of(_why)),
        Route(f"/api{one}/search", _of(_search), methods=["POST"]),
        Route(f"/api{one}/do", _of(_do), methods=["POST"]),
        Route(f"/api{one}/release", _of(_release), methods=["POST"]),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.csrf = access.csrf
    return Guard(app, hosts, cookie, access, secure)


def _data(name: str) -> bytes:
    return resources.files(__package__).joinpath(f"data/{name}").read_bytes()


def _page(name: str, secret: bool = True) -> Callable[[Request], Awaitable[Response]]:
    html = _data(name)

    async def page(request: Request) -> Response:
        body = html.replace(b"{{csrf}}", request.app.state.csrf.encode()) if secret else html
        return Response(body, media_type="text/html")

    return page


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in FILES:
        return _sorry(404, "no such address")
    return Response(_data(name), media_type=FILES[name])


async def _nothing(request: Request) -> Response:
    return Response(status_code=204)


def _sorry(status: int, what: str) -> Response:
    return JSONResponse({"error": what}, status)


def _of(
    answer: Callable[[Request, Case], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """Wrap what answers for one document: errors become short answers without document text."""

    async def endpoint(request: Request) -> Response:
        try:
            case = await request.app.state.cases.get(request.path_params["doc"])
            if not 0 <= request.path_params.get("page", 0) < len(case.sizes):
                return _sorry(404, "no such page")
            return await answer(request, case)
        except NescioError as error:
            if isinstance(error, ConflictError):
                request.app.state.cases.forget(request.path_params["doc"])
            return _sorry(409, str(error))
        except (ValueError, KeyError) as error:
            return _sorry(400, str(error.args[0]) if error.args else "not understood")
        except OSError:
            return _sorry(507, "the decision could not be written to the disk")
        except BrokenProcessPool:
            return _sorry(500, "the page could not be drawn")
        except Exception as error:  # its message may quote the document
            return _sorry(500, f"internal error ({type(error).__name__})")

    return endpoint


async def _documents(request: Request) -> Response:
    cases: Cases = request.app.state.cases
    found: list[dict[str, Any]] = []
    for doc in cases.docs():
        try:
            found.append({"doc": doc} | cases.overview(doc))
        except NescioError as error:
            found.append({"doc": doc, "error": str(error)})
    return JSONResponse({"documents": found, "reader": cases.reader})


async def _state(request: Request, case: Case) -> Response:
    desk = case.desk
    labels = [{"label": label, "colour": hex_colour(label)} for label in LABELS]
    return JSONResponse(
        {
            "doc": desk.doc,
            "reader": request.app.state.cases.reader,
            "readers": case.comparison.facts() if case.comparison else None,
            "pages": case.sizes,
            "flags": {page: _reasons(why) for page, why in desk.record.flags.items()},
            "labels": labels,
            "items": [shown_mark(desk, item, case.comparison) for item in desk.items],
        }
        | _changing(desk)
    )


def _reasons(flags: list[str]) -> str:
    return " ".join(REMEDIES.get(flag, DEFAULT_REMEDY) for flag in flags)


def _changing(desk: Any) -> dict[str, Any]:
    """Return the part of a document's state that each decision may change, but for verdicts."""
    return {
        "added": [shown_mark(desk, mark) for mark in desk.state.added.values()],
        "checked": sorted(desk.state.checked),
        "undo": desk.undoable(),
        "progress": desk.progress(),
    }


async def _picture(request: Request, case: Case) -> Response:
    page, scale = request.path_params["page"], request.path_params["scale"]
    if scale not in SCALES:
        return _sorry(404, "no such size")
    drawers = request.app.state.cases.drawers
    return Response(await drawers.now(draw_page, case.source, page, scale), media_type="image/png")


async def _released(request: Request, case: Case) -> Response:
    page, scale = request.path_params["page"], request.path_params["scale"]
    if scale not in SCALES:
        return _sorry(404, "no such size")
    drawers = request.app.state.cases.drawers
    picture = await drawers.now(draw_released, case.source, page, scale, case.look(page))
    return Response(picture, media_type="image/png")


async def _words(request: Request, case: Case) -> Response:
    page = request.path_params["page"]
    if page < len(case.words):
        words = case.words[page]
    else:
        drawers = request.app.state.cases.drawers
        words = (await drawers.now(read_words, case.source, [page]))[0]
    return JSONResponse([[word.box, word.text, word.line] for word in words])


async def _why(request: Request, case: Case) -> Response:
    return JSONResponse(case.why(request.path_params["mention"]))


async def _search(request: Request, case: Case) -> Response:
    query = read_query(await request.body())
    hits = case.search(query.text, query.whole)
    return JSONResponse({"hits": hits, "searched": len(case.words), "pages": len(case.sizes)})


async def _do(request: Request, case: Case) -> Response:
    event = read_event(await request.body())
    cases: Cases = request.app.state.cases
    desk = case.desk
    touched = desk.do(event)
    audit.record(cases.output, cases.reader, desk.doc, _verb(event), touched)
    marks = {
        name: [desk.state.verdicts.get(name, ""), desk.label_of(desk.by_id[name])]
        for name in touched
        if name in desk.by_id
    }
    return JSONResponse({"marks": marks} | _changing(desk))


def _verb(event: dict[str, Any]) -> str:
    match event["do"]:
        case "verdict":
            return event["verdict"] or "reopened"
        case "page":
            return "page_checked" if event["checked"] else "page_unchecked"
        case other:
            return VERBS[other]


async def _release(request: Request, case: Case) -> Response:
    asked = read_release(await request.body())
    cases: Cases = request.app.state.cases
    done = await release_case(cases, case, asked.others, asked.unseen)
    return JSONResponse(done, 409 if "error" in done else 200)
