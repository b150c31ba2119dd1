// The gallery of templates.
export const templates = {
  title: 'Templates',
  lead: 'Take one and make it your own. Gates stand on every path, drawn by the server.',
  search: 'Search templates',
  all: 'All',
  use: 'Use this',
  opened: 'Your copy of “{name}” is ready',
  needs_missing: 'Needs the model {model}, which is not installed yet.',
  needs_unavailable:
    'Needs the model {model}, which this installation cannot offer yet. You can open it, but not run it.',
  ask_admin: 'An administrator can install it.',
  runs_on: 'Runs on {models}',
  none_found_title: 'Nothing fits “{query}”',
  none_found_text: 'Try another word, or look at all of them.',
  show_all: 'Show all templates',
  empty_title: 'No templates yet',
  empty_text: 'A template is a published workflow that others may copy. Publish one of yours and share it.',
  empty_action: 'Go to your workflows',
  takes: 'You give: {inputs}',
  tags: 'Tags',
  use_named: 'Use this: {name}',
} as const;
