// Words for the closed and half-open sets that the server names: media, capabilities.
import type { I18n, PlainKey } from '../i18n';

const MEDIA: Readonly<Record<string, PlainKey>> = {
  text: 'runs.media_text',
  image: 'runs.media_image',
  number: 'runs.media_number',
  boolean: 'runs.media_boolean',
  json: 'runs.media_json',
  audio: 'runs.media_audio',
  video: 'runs.media_video',
  document: 'runs.media_document',
  model: 'runs.media_model',
  any: 'runs.media_any',
};

const CAPABILITIES: Readonly<Record<string, PlainKey>> = {
  text: 'models.capability_text',
  image: 'models.capability_image',
  upscale: 'models.capability_upscale',
  speech: 'models.capability_speech',
  'prompt-safety': 'models.capability_prompt_safety',
  'text-safety': 'models.capability_text_safety',
  'image-safety': 'models.capability_image_safety',
};

/** The tags of the product's own templates; people's tags are their own words. */
const TAGS: Readonly<Record<string, PlainKey>> = {
  branches: 'templates.tag_branches',
  chat: 'templates.tag_chat',
  comparison: 'templates.tag_comparison',
  gates: 'templates.tag_gates',
  image: 'templates.tag_image',
  text: 'templates.tag_text',
  upload: 'templates.tag_upload',
};

export function tagWord({ t }: I18n, tag: string): string {
  const key = TAGS[tag];
  return key ? t(key) : tag;
}

/** A type such as `image` or `list[image]` as a word. */
export function mediaWord({ t }: I18n, type: string): string {
  const key = MEDIA[type.replace(/^list\[(.+)\]$/, '$1')];
  return key ? t(key) : type;
}

/** What a model is for; a capability that this page does not know is shown by its own name. */
export function capabilityWord({ t }: I18n, capability: string): string {
  const key = CAPABILITIES[capability];
  return key ? t(key) : capability;
}
