const LIGHT = [
  'playground-answer',
  'playground-code',
  'playground-compare',
  'playground-embeddings',
  'instances',
  'instance',
  'launch',
  'registry',
  'requests',
  'request',
  'keys',
  'users',
  'billing',
  'messages',
  'settings',
  'top-up',
];
const DARK = ['playground-answer', 'instances', 'instance', 'billing', 'requests', 'operator-overview'];
const PHONE_LIGHT = ['instances', 'launch'];
const PHONE_DARK = ['playground-answer', 'billing'];

/** The pictures that are kept, of all that a run takes. */
export const CHOSEN = [
  ...LIGHT.map((name) => `${name}-light-1440.png`),
  ...DARK.map((name) => `${name}-dark-1440.png`),
  ...PHONE_LIGHT.map((name) => `${name}-light-390.png`),
  ...PHONE_DARK.map((name) => `${name}-dark-390.png`),
];
