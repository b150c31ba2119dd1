// Words that every page uses. 每个页面都用到的词。
import type { common as en } from '../en/common';
import type { Same } from '../message';

export const common = {
  unreachable: '无法连接到服务器。',
  unreachable_hint: '请确认它正在运行，然后重试。',
  unexpected: '服务器给出了本页面无法理解的回应（状态 {status}）。',
  something_broke: '此页面出现了问题。',
  try_again: '重试',
  reload: '重新加载页面',
  cancel: '取消',
  close: '关闭',
  delete: '删除',
  undo: '撤销',
  rename: '重命名',
  back: '返回',
  duplicate: '复制一份',
  download: '下载',
  copy: '复制',
  copied: '已复制',
  search: '搜索',
  more: '更多操作',
  name: '名称',
  loading: '加载中…',
  load_more: '显示更多',
  optional: '可选',
  clear: '清空',
} as const satisfies Same<typeof en>;
