"""Turns what Django, DRF and the runtime raise into Refused, in words of our own."""

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions

from builder.common.errors import Refused, not_found
from runtime.errors import OperationalError, UserError
from runtime.graph.model import Issue
from runtime.values import Json
from runtime.words import Words

_FIELD_WORDS = {
    "required": Words("This is missing.", "缺少此项。"),
    "null": Words("This may not be empty.", "此项不能为空。"),
    "blank": Words("This may not be empty.", "此项不能为空。"),
    "empty": Words("This may not be empty.", "此项不能为空。"),
    "max_length": Words("This is too long.", "此项过长。"),
    "min_length": Words("This is too short.", "此项过短。"),
    "max_value": Words("This number is too large.", "此数字过大。"),
    "min_value": Words("This number is too small.", "此数字过小。"),
    "invalid_choice": Words("This is not one of the choices.", "此值不在可选范围内。"),
    "unknown": Words("There is no such field.", "没有此字段。"),
}
_FIELD_OTHER = Words("This value is not of the right kind.", "此值的类型不正确。")


def _refuse(status: int, code: str, en: str, zh: str) -> Refused:
    return Refused(code, Words(en, zh), status=status)


def as_refused(error: BaseException) -> Refused | None:
    """The refusal that says what `error` means to whoever sent the request; None for a bug of ours."""
    match error:
        case Refused():
            return error
        case UserError(code=code, message=message, hint=hint, node=node, port=port):
            return Refused(code, message, hint, node, port)
        case OperationalError(code=code, message=message, hint=hint):
            return Refused(code, message, hint, status=503)
        case Http404() | exceptions.NotFound():
            return not_found()
        case exceptions.ValidationError(detail=detail):
            return _invalid(detail)
        case exceptions.APIException():
            return _from_drf(error)
        case RequestDataTooBig():
            return too_large()
        case SuspiciousOperation() | UnreadablePostError():
            return malformed()
        case DjangoPermissionDenied():
            return forbidden()
    return None


def _from_drf(error: exceptions.APIException) -> Refused:
    match error:
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return sign_in_required()
        case exceptions.PermissionDenied():
            return csrf_failed() if str(error.detail).startswith("CSRF") else forbidden()
        case exceptions.MethodNotAllowed():
            return _refuse(
                405, "method_not_allowed", "This address does not do that.", "此地址不支持该操作。"
            )
        case exceptions.UnsupportedMediaType():
            return _refuse(
                415,
                "unsupported_media_type",
                "This address takes another kind of body.",
                "此地址不接受该类型的内容。",
            )
        case exceptions.Throttled():
            return _refuse(429, "too_many", "Too many requests; wait a little.", "请求过多，请稍候。")
    if error.status_code >= 500:
        return _refuse(error.status_code, "unavailable", "This is not available now.", "暂时不可用。")
    return _refuse(error.status_code, "bad_request", "The request is not well formed.", "请求格式不正确。")


def sign_in_required() -> Refused:
    return _refuse(401, "sign_in_required", "Sign in first.", "请先登录。")


def malformed() -> Refused:
    return _refuse(400, "bad_request", "The request is not well formed.", "请求格式不正确。")


def forbidden() -> Refused:
    return _refuse(403, "forbidden", "You may not do this.", "您无权执行此操作。")


def csrf_failed() -> Refused:
    return Refused(
        "csrf_failed",
        Words("The request did not come from a page of this site.", "请求并非来自本站页面。"),
        Words("Reload the page and try again.", "请刷新页面后重试。"),
        status=403,
    )


def too_large() -> Refused:
    return _refuse(413, "too_large", "The request is too large.", "请求内容过大。")


def too_slow() -> Refused:
    return Refused(
        "too_slow",
        Words("The request took too long to arrive.", "请求内容传输时间过长。"),
        Words("Try again over a better connection.", "请在网络较好时重试。"),
        status=408,
    )


def broken() -> Refused:
    return Refused(
        "internal_error",
        Words("Something broke on the server.", "服务器出现错误。"),
        Words("Try again; if it stays, tell an administrator.", "请重试；如仍出现，请联系管理员。"),
        status=500,
    )


def _invalid(detail: Json) -> Refused:
    return Refused(
        "invalid",
        Words("The request does not have the right shape.", "请求的结构不正确。"),
        Words("The issues name what is wrong.", "问题列表指出了错误之处。"),
        issues=tuple(_field_issues(detail, "")),
    )


def _field_issues(detail: Json, path: str) -> Iterator[Issue]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            # DRF's own name for what concerns the object as a whole.
            yield from _field_issues(
                inner, path if name == "non_field_errors" else f"{path}.{name}".lstrip(".")
            )
    elif isinstance(detail, list):
        for inner in detail:
            yield from _field_issues(inner, path)
    else:
        code = str(getattr(detail, "code", "invalid"))
        yield Issue("field_" + code, _FIELD_WORDS.get(code, _FIELD_OTHER), param=path or None)
