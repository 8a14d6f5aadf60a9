import {
  IconCreditCard,
  IconInbox,
  IconKey,
  IconLayersSubtract,
  IconListDetails,
  IconServer2,
  IconTerminal2,
  IconUsers,
} from '@tabler/icons-react';
import { text } from '../text/index.js';

/** The pages of the side bar, in order. `group` 2 stands below the line; `phone` are the first of the bottom bar. */
export const NAV_ITEMS = [
  {
    to: '/playground',
    label: text.shell.pages.playground,
    short: text.shell.pages.playground,
    icon: IconTerminal2,
    group: 1,
    phone: true,
  },
  {
    to: '/instances',
    label: text.shell.pages.instances,
    short: text.shell.pages.instancesShort,
    icon: IconServer2,
    group: 1,
    phone: true,
  },
  {
    to: '/registry',
    label: text.shell.pages.registry,
    short: text.shell.pages.registry,
    icon: IconLayersSubtract,
    group: 1,
    phone: false,
  },
  {
    to: '/requests',
    label: text.shell.pages.requests,
    short: text.shell.pages.requests,
    icon: IconListDetails,
    group: 1,
    phone: true,
  },
  { to: '/keys', label: text.shell.pages.keys, short: text.shell.pages.keys, icon: IconKey, group: 2, phone: false },
  { to: '/users', label: text.shell.pages.users, short: text.shell.pages.users, icon: IconUsers, group: 2, phone: false },
  {
    to: '/billing',
    label: text.shell.pages.billing,
    short: text.shell.pages.billing,
    icon: IconCreditCard,
    group: 2,
    phone: true,
  },
  {
    to: '/messages',
    label: text.shell.pages.messages,
    short: text.shell.pages.messages,
    icon: IconInbox,
    group: 2,
    phone: false,
  },
] as const;

export type NavItem = (typeof NAV_ITEMS)[number];
