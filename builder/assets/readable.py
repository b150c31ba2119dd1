"""Who gets the bytes of a file: of what a run has delivered every member of its workspace, of an upload who brought it."""

from builder.accounts.models import User
from builder.assets.models import Asset, Origin
from builder.common.errors import Refused
from runtime.words import Words


def may_read(asset: Asset, user: User) -> bool:
    """Whether `user`, who may see that there is the file, gets its bytes as well.

    An output has passed its gates. An upload has passed none: whoever else should see it runs a workflow with it.
    """
    return asset.origin == Origin.OUTPUT or asset.by_id == user.pk


def require_readable(asset: Asset, user: User) -> None:
    """Raises Refused 403 for the upload of another member, whatever the role of who asks."""
    if not may_read(asset, user):
        raise Refused(
            "file_of_another",
            Words(
                "Another member brought this file. Nobody else sees what is in it.",
                "此文件由其他成员上传，只有上传者本人可以查看其内容。",
            ),
            Words(
                "A workflow can use it: what a run shows of it has passed a gate.",
                "工作流可以使用该文件：运行所展示的内容都经过闸门。",
            ),
            status=403,
        )
