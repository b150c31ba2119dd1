"""Why a backup is not taken, or not restored. Each says what to do."""

from runtime.errors import UserError
from runtime.words import Words


def refused(code: str, message: Words, hint: Words, **values: object) -> UserError:
    return UserError(code, message.fill(**values), hint.fill(**values))


def target_taken(path: object) -> UserError:
    return refused(
        "backup_exists",
        Words("{path} is already there.", "{path} 已存在。"),
        Words("Name another: no backup is written over.", "请换一个名称：不会覆盖已有的备份。"),
        path=path,
    )


def no_folder(path: object) -> UserError:
    return refused(
        "backup_has_no_folder",
        Words("No folder can be made at {path}.", "无法在 {path} 创建文件夹。"),
        Words("Name another place.", "请换一个位置。"),
        path=path,
    )


def bytes_missing(names: list[str]) -> UserError:
    return refused(
        "backup_incomplete",
        Words(
            "{count} assets that the database names are missing or damaged; the first is {name}.",
            "数据库所记的资产中有 {count} 个缺失或损坏；第一个是 {name}。",
        ),
        Words(
            "`python3 manage.py doctor` tells more. With --accept-missing a backup is taken without them.",
            "`python3 manage.py doctor` 可查看详情。使用 --accept-missing 可在缺少它们的情况下备份。",
        ),
        count=len(names),
        name=names[0],
    )


def too_busy() -> UserError:
    return refused(
        "backup_outrun",
        Words(
            "So much is being deleted that the backup could not keep up.",
            "正在删除的内容过多，备份无法跟上。",
        ),
        Words("Take it again in a quieter moment.", "请在较空闲时重试。"),
    )


def tool_missing(tool: str, version: int) -> UserError:
    return refused(
        "postgres_tool_missing",
        Words(
            "There is no {tool} of version {version} or newer here.",
            "此处没有 {version} 或更新版本的 {tool}。",
        ),
        Words(
            "Install the client programs of PostgreSQL {version} (postgresql-client-{version}), or put their folder on PATH.",
            "请安装 PostgreSQL {version} 的客户端程序（postgresql-client-{version}），或将其目录加入 PATH。",
        ),
        tool=tool,
        version=version,
    )


def tool_failed(tool: str, said: str) -> UserError:
    return refused(
        "postgres_tool_failed",
        Words("{tool} did not succeed: {said}", "{tool} 未能成功：{said}"),
        Words("Mend that, and start again.", "请解决后重试。"),
        tool=tool,
        said=said,
    )


def no_backup(path: object) -> UserError:
    return refused(
        "no_backup",
        Words("{path} is no backup of Sluiceway.", "{path} 不是 Sluiceway 的备份。"),
        Words(
            "Name the folder or the .tar that `backup` wrote.", "请指定 `backup` 写出的文件夹或 .tar 文件。"
        ),
        path=path,
    )


def altered(name: str) -> UserError:
    return refused(
        "backup_altered",
        Words("{name} is not what was written into the backup.", "{name} 与写入备份时的内容不一致。"),
        Words(
            "Use another backup: this one was changed or damaged.", "请使用其他备份：此备份已被改动或损坏。"
        ),
        name=name,
    )


def not_empty(what: object) -> UserError:
    return refused(
        "home_not_empty",
        Words("There is something already: {what}.", "此处已有内容：{what}。"),
        Words(
            "Restore into an empty home (SLUICEWAY_HOME) and an empty database: nothing is written over.",
            "请恢复到空的数据目录（SLUICEWAY_HOME）和空的数据库：不会覆盖任何内容。",
        ),
        what=what,
    )


def other_database(there: str, here: str) -> UserError:
    return refused(
        "other_database",
        Words(
            "The backup is of {there}, and this installation uses {here}.",
            "备份来自 {there}，而本系统使用 {here}。",
        ),
        Words("Set SLUICEWAY_DATABASE_URL accordingly.", "请相应设置 SLUICEWAY_DATABASE_URL。"),
        there=there,
        here=here,
    )


def newer(version: str) -> UserError:
    return refused(
        "backup_newer",
        Words("The backup was taken by a newer version ({version}).", "备份由更新的版本（{version}）生成。"),
        Words("Restore it with that version or a newer one.", "请使用该版本或更新的版本恢复。"),
        version=version,
    )


def weak_passphrase(least: int) -> UserError:
    return refused(
        "passphrase_short",
        Words("A passphrase has at least {least} characters.", "口令至少需要 {least} 个字符。"),
        Words(
            "Set SLUICEWAY_BACKUP_PASSPHRASE, or type it when asked.",
            "请设置 SLUICEWAY_BACKUP_PASSPHRASE，或在提示时输入。",
        ),
        least=least,
    )


def wrong_passphrase() -> UserError:
    return refused(
        "passphrase_wrong",
        Words("The secrets do not open with this passphrase.", "该口令无法打开密钥。"),
        Words(
            "Give the one that the backup was taken with; --without-secrets restores without them.",
            "请提供备份时使用的口令；--without-secrets 可在不恢复密钥的情况下恢复。",
        ),
    )


def broken_log(fault: Words) -> UserError:
    return refused(
        "audit_broken",
        Words("The audit log in the backup is broken: {fault}.", "备份中的审计日志已损坏：{fault}。"),
        Words(
            "Use an earlier backup. With --accept-broken-log it is restored as it is.",
            "请使用更早的备份。使用 --accept-broken-log 可按原样恢复。",
        ),
        fault=fault,
    )
