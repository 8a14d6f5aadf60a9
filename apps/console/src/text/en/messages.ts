export const messages = {
  title: 'Messages',
  filter: 'Which messages',
  filters: { all: 'All', unread: 'Unread', critical: 'Critical' },
  more: 'Show older ones',
  empty: 'No messages yet',
  emptyBody: 'Warnings about the balance and news of instances, keys and people arrive here.',
  noneUnread: 'Nothing is unread',
  noneCritical: 'Nothing critical',
  showAll: 'Show all',
  severities: { info: 'News', warning: 'Warning', critical: 'Critical' },
  unread: 'Unread',
};
