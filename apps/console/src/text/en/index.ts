import { billing } from './billing.js';
import { instance } from './instance.js';
import { instances } from './instances.js';
import { keys } from './keys.js';
import { launch } from './launch.js';
import { messages } from './messages.js';
import { otherTabs } from './other-tabs.js';
import { playground } from './playground.js';
import { problems } from './problems.js';
import { registry } from './registry.js';
import { requests } from './requests.js';
import { session } from './session.js';
import { settings } from './settings.js';
import { shell } from './shell.js';
import { ui } from './ui.js';
import { users } from './users.js';

/** One file for each part of the console; a new page adds its own. */
export const en = {
  billing,
  instance,
  instances,
  keys,
  launch,
  messages,
  otherTabs,
  playground,
  problems,
  registry,
  requests,
  session,
  settings,
  shell,
  ui,
  users,
};
