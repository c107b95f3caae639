"""The operations that describe the API: for programs, and for people."""

from typing import Annotated, Any, Final

from msgspec import Meta

from adapters.inbound.http.api_handlers import ApiOperation
from adapters.inbound.http.operation import Answer, Parameter, Tag
from adapters.inbound.http.problem_codes import ProblemCode as Code

_FILE: Final = Parameter(
    "file", Annotated[str, Meta(examples=["swagger-ui.css"])], "Its name, as the page asks for it."
)

DESCRIPTIONS: Final[tuple[ApiOperation, ...]] = (
    ApiOperation(
        method="GET",
        path="/openapi.json",
        handler=lambda handlers: handlers.descriptions.openapi,
        operation_id="getOpenapi",
        tag=Tag.DESCRIPTION,
        summary="This description",
        answers=(Answer(200, "OpenAPI 3.1.", dict[str, Any]),),
        problems={422: (Code.INVALID_FIELD,)},
    ),
    ApiOperation(
        method="GET",
        path="/asyncapi.json",
        handler=lambda handlers: handlers.descriptions.asyncapi,
        operation_id="getAsyncapi",
        tag=Tag.DESCRIPTION,
        summary="The description of the topics",
        answers=(Answer(200, "AsyncAPI 3.0.", dict[str, Any]),),
        problems={422: (Code.INVALID_FIELD,)},
    ),
    ApiOperation(
        method="GET",
        path="/docs",
        handler=lambda handlers: handlers.descriptions.page,
        operation_id="getDocs",
        tag=Tag.DESCRIPTION,
        summary="A page that shows this description and tries it out",
        answers=(Answer(200, "Swagger UI.", str, "text/html"),),
        problems={422: (Code.INVALID_FIELD,)},
    ),
    ApiOperation(
        method="GET",
        path="/docs/{file}",
        handler=lambda handlers: handlers.descriptions.file,
        operation_id="getDocsFile",
        tag=Tag.DESCRIPTION,
        summary="What that page is made of",
        path_parameters=(_FILE,),
        answers=tuple(
            Answer(200, "Script, style or licence.", str, media_type)
            for media_type in ("text/javascript", "text/css", "text/plain")
        ),
        problems={404: (Code.PATH_NOT_FOUND,), 422: (Code.INVALID_FIELD,)},
    ),
)
