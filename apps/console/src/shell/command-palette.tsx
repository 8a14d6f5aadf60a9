import { useMantineColorScheme } from '@mantine/core';
import { Spotlight, spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight';
import {
  IconArrowRight,
  IconArrowsExchange,
  IconKey,
  IconLayersSubtract,
  IconListDetails,
  IconMoon,
  IconPlus,
  IconServer2,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { instancesQuery } from '../features/instances/queries.js';
import { modelsQuery } from '../features/registry/queries.js';
import { useKeys } from '../features/requests/key-names.js';
import { useActiveAccount, useMe } from '../features/session/queries.js';
import { text } from '../text/index.js';
import { NAV_ITEMS } from './nav-items.js';
import { useSwitchAccount } from './use-switch-account.js';

const SHOWN_MAX = 12;
/** As answers' headers carry it. */
const REQUEST_ID = /^req_\S{4,124}$/i;

/** Finds pages, instances by name or bare id, keys by name or prefix, a request by its id, and actions. */
export default function CommandPalette({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const { data: instances = [] } = useQuery(instancesQuery);
  const keys = useKeys();
  const { data: models = [] } = useQuery(modelsQuery);
  const actions = useActions();
  const [query, setQuery] = useState('');
  useEffect(() => spotlight.open(), []);
  const pages = NAV_ITEMS.map(({ to, label }) => action(`page ${to}`, label, IconArrowRight, () => void navigate({ to })));
  const found = instances.map(({ id, model, name }) =>
    action(`instance ${id}`, model, IconServer2, () => void navigate({ to: '/instances/$id', params: { id: String(id) } }), [
      name,
      String(id),
    ]),
  );
  const registered = models.map(({ id, name }) =>
    action(`model ${id}`, name, IconLayersSubtract, () => void navigate({ to: '/registry' }), [id]),
  );
  const named = keys.map(({ id, name, prefix }) =>
    action(`key ${id}`, name, IconKey, () => void navigate({ to: '/keys', search: { q: name } }), [prefix, id]),
  );
  const id = query.trim();
  const request = REQUEST_ID.test(id)
    ? [
        action(
          `request ${id}`,
          text.shell.actions.openRequest(id),
          IconListDetails,
          () => void navigate({ to: '/requests', search: { request: id } }),
        ),
      ]
    : [];
  const groups: SpotlightActionGroupData[] = [
    { group: text.shell.groups.requests, actions: request },
    { group: text.shell.groups.pages, actions: pages },
    { group: text.shell.groups.instances, actions: found },
    { group: text.shell.groups.models, actions: registered },
    { group: text.shell.groups.keys, actions: named },
    { group: text.shell.groups.actions, actions },
  ];
  return (
    <Spotlight
      actions={groups}
      query={query}
      onQueryChange={setQuery}
      limit={SHOWN_MAX}
      nothingFound={text.shell.nothingFound}
      searchProps={{ placeholder: text.shell.searchPlaceholder, 'aria-label': text.shell.search }}
      onSpotlightClose={onClose}
      shortcut={null}
      scrollable
      maxHeight={420}
    />
  );
}

const THEMES = ['light', 'dark', 'auto'] as const;

/** What can be done from anywhere. What only owners may do says so on its page. */
function useActions(): SpotlightActionData[] {
  const navigate = useNavigate();
  const { accounts } = useMe();
  const active = useActiveAccount();
  const change = useSwitchAccount();
  const { setColorScheme } = useMantineColorScheme();
  const t = text.shell.actions;
  return [
    action('launch', t.launch, IconPlus, () => void navigate({ to: '/instances', search: { launch: 'new' } })),
    action('register', t.register, IconPlus, () => void navigate({ to: '/registry', search: { register: 'new' } })),
    action('top-up', t.topUp, IconPlus, () => void navigate({ to: '/billing', search: { dialog: 'top-up' } })),
    action('create-key', t.createKey, IconPlus, () => void navigate({ to: '/keys', search: { create: 'new' } })),
    action('invite', t.invite, IconPlus, () => void navigate({ to: '/users', search: { invite: 'new' } })),
    ...accounts
      .filter(({ id }) => id !== active?.id)
      .map(({ id, name }) => action(`account ${id}`, t.switchTo(name), IconArrowsExchange, () => void change(id))),
    ...THEMES.map((theme) => action(`theme ${theme}`, t.theme(text.shell.themes[theme]), IconMoon, () => setColorScheme(theme))),
  ];
}

function action(
  id: string,
  label: string,
  Icon: typeof IconPlus,
  onClick: () => void,
  keywords: string[] = [],
): SpotlightActionData {
  return { id, label, keywords, onClick, leftSection: <Icon size={16} stroke={1.6} aria-hidden="true" /> };
}
