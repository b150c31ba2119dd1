// The gallery of templates. 模板库。
import type { templates as en } from '../en/templates';
import type { Same } from '../message';

export const templates = {
  title: '模板',
  lead: '选一个，改成你自己的。每条路径上都有由服务器设置的闸门。',
  search: '搜索模板',
  all: '全部',
  use: '使用此模板',
  opened: '“{name}”的副本已就绪',
  needs_installing: '正在安装模型 {model}…',
  needs_missing: '需要模型 {model}，目前尚未安装。',
  needs_unavailable: '需要模型 {model}，当前安装暂时无法提供。你可以打开它，并在节点中选择其他模型。',
  runs_on: '使用 {models}',
  none_found_title: '没有与“{query}”匹配的模板',
  none_found_text: '换个词试试，或查看全部模板。',
  show_all: '显示全部模板',
  empty_title: '还没有模板',
  empty_text: '模板是可供他人复制的已发布工作流。发布并分享你的第一个模板吧。',
  empty_action: '前往你的工作流',
  tag_branches: '分支',
  tag_chat: '对话',
  tag_comparison: '对比',
  tag_gates: '闸门',
  tag_image: '图像',
  tag_text: '文本',
  tag_upload: '上传',
  takes: '你提供：{inputs}',
  tags: '标签',
  use_named: '使用此模板：{name}',
} as const satisfies Same<typeof en>;
