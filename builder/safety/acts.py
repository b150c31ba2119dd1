"""Acts: what the audit log knows of, each as a person reads it."""

from runtime.words import Words

ACTS: dict[str, Words] = {
    "policy.shipped": Words("The built-in policy came into force", "内置策略生效"),
    "policy.combined": Words("Policies were combined to a stricter one", "多个策略合并为更严格的策略"),
    "policy.changed": Words("A policy was changed", "策略已更改"),
    "policy.proposed": Words("A lower policy was proposed", "提议放宽策略"),
    "policy.approved": Words("A proposal was approved", "提议获批准"),
    "policy.refused": Words("A proposal was refused", "提议被拒绝"),
    "policy.withdrawn": Words("A proposal was withdrawn", "提议已撤回"),
    "shadow.started": Words("A shadow policy was started", "影子策略已启动"),
    "shadow.ended": Words("A shadow policy was ended", "影子策略已结束"),
    "run.withheld": Words(
        "A run was withheld, because its policy has become stricter", "因策略变得更严格，运行已被扣留"
    ),
    "effect.decided": Words(
        "Somebody said whether a step had happened, or stopped its run",
        "有人说明步骤是否已发生，或停止了运行",
    ),
    "question.answered": Words("Somebody answered what a run had asked", "有人回答了运行提出的问题"),
    "review.decided": Words("A reviewer decided", "审核员作出决定"),
    "review.appealed": Words("An author appealed", "作者提出申诉"),
    "review.withdrawn": Words("An author withdrew an appeal", "作者撤回申诉"),
    "hold.placed": Words("A legal hold was placed", "已设置法律保留"),
    "hold.lifted": Words("A legal hold was lifted", "法律保留已解除"),
    "retention.changed": Words("Retention was changed", "保留期限已更改"),
    "data.deleted": Words("Data was deleted", "数据已删除"),
    "data.exported": Words("A person's data was exported", "个人数据已导出"),
    "list.added": Words("A word list was added", "词表已添加"),
    "list.removed": Words("A word list was removed", "词表已移除"),
    "person.added": Words("An account was made", "已创建账户"),
    "person.shut_out": Words("An account was closed", "已停用账户"),
    "person.readmitted": Words("An account was opened again", "已重新启用账户"),
    "administrator.made": Words("Somebody was made an administrator", "已授予管理员权限"),
    "administrator.ended": Words("Somebody is an administrator no longer", "已撤销管理员权限"),
    "link.made": Words("A sign-in link was made for somebody", "已为他人生成登录链接"),
    "password.set": Words("A password was set", "已设置密码"),
    "member.added": Words("Somebody was given a place in a workspace", "已添加工作区成员"),
    "member.changed": Words("Somebody's role in a workspace was changed", "已更改工作区成员角色"),
    "member.removed": Words("Somebody's place in a workspace was taken away", "已移除工作区成员"),
    "provider.added": Words("A provider was set up", "已配置服务商"),
    "provider.key": Words("A provider was given another key", "已更换服务商密钥"),
    "provider.removed": Words("A provider was removed", "已移除服务商"),
    "model.installed": Words("Installing a model was started", "开始安装模型"),
}
