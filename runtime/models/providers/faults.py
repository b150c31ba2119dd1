"""Faults of providers, each in fixed words: what a server sends back is nobody's to read, it may quote the prompt."""

from runtime.errors import OperationalError
from runtime.words import Words


def missing(name: str) -> OperationalError:
    """The provider is gone, or this segment was given no access to it."""
    return _fault(
        "provider_missing",
        Words("The provider {name} is not set up here.", "此处未配置服务商 {name}。").fill(name=name[:60]),
        Words(
            "An administrator adds it: `python3 manage.py providers add`.",
            "请管理员添加：`python3 manage.py providers add`。",
        ),
    )


def not_allowed() -> OperationalError:
    return _fault(
        "provider_address",
        Words(
            "The provider's name leads to an address that it may not have.",
            "服务商域名指向了不被允许的地址。",
        ),
        Words(
            "If it is meant, an administrator names the network: `--network`.",
            "若确属预期，请管理员用 `--network` 指定网段。",
        ),
    )


def unreachable() -> OperationalError:
    return _fault(
        "provider_unreachable",
        Words("The provider cannot be reached.", "无法连接服务商。"),
        _LATER,
        retryable=True,
    )


def not_secure() -> OperationalError:
    return _fault(
        "provider_certificate",
        Words("The provider's certificate is not to be trusted.", "服务商的证书不可信。"),
        Words("Ask an administrator to check its address.", "请管理员检查其地址。"),
    )


def too_slow() -> OperationalError:
    return _fault(
        "provider_slow",
        Words("The provider did not answer in time.", "服务商未在规定时间内应答。"),
        _LATER,
        retryable=True,
    )


def too_large() -> OperationalError:
    return _fault(
        "provider_too_large",
        Words("The provider's answer is too large.", "服务商的应答过大。"),
        _LOOK,
    )


def nonsense() -> OperationalError:
    return _fault(
        "provider_nonsense",
        Words("The provider's answer cannot be understood.", "无法理解服务商的应答。"),
        _LOOK,
    )


def of_status(status: int) -> OperationalError:
    """What another answer than 200 means."""
    if 300 <= status < 400:
        return _fault(
            "provider_redirects",
            Words(
                "The provider points to another address, which is not followed.",
                "服务商要求跳转到其他地址，系统不会跟随。",
            ),
            _LOOK,
        )
    if status in (401, 403):
        return _fault(
            "provider_key",
            Words("The provider does not accept the key.", "服务商不接受该密钥。"),
            Words(
                "An administrator gives it another: `python3 manage.py providers key`.",
                "请管理员更换密钥：`python3 manage.py providers key`。",
            ),
        )
    if status == 404:
        return _fault(
            "provider_unknown",
            Words("The provider knows no such address or model.", "服务商没有该地址或模型。"),
            _LOOK,
        )
    if status == 429:
        return _fault(
            "provider_busy",
            Words("The provider takes no more requests for now.", "服务商暂时不再接受请求。"),
            _LATER,
            retryable=True,
        )
    if status >= 500:
        return _fault(
            "provider_failed", Words("The provider has failed.", "服务商出现故障。"), _LATER, retryable=True
        )
    return _fault(
        "provider_refused",
        Words(
            "The provider refuses the request; it may be too long for the model.",
            "服务商拒绝了请求；内容可能超出模型长度。",
        ),
        _LOOK,
    )


def _fault(code: str, message: Words, hint: Words, *, retryable: bool = False) -> OperationalError:
    return OperationalError(code, message, hint, retryable)


_LATER = Words("Try again later.", "请稍后重试。")
_LOOK = Words(
    "An administrator can try it: `python3 manage.py providers test`.",
    "管理员可以测试：`python3 manage.py providers test`。",
)
