import {
  alertChannelList,
  alertChannelView,
  alertDeliveryList,
  alertDeliveryView,
  createAlertChannel,
  createdAlertChannel,
  patchAlertChannel,
} from '../../api/alert-channels.js';
import { listQuery } from '../../api/list.js';
import { notificationList, notificationsQuery, readNotifications, unreadNotifications } from '../../api/notifications.js';
import { resourceId } from '../../api/plain-text.js';
import type { Route } from '../route.js';

const notifications = { owner: 'auth-billing', tag: 'notifications', auth: 'principal', status: 200 } as const;
const channels = { owner: 'auth-billing', tag: 'notifications', auth: 'owner', path: '/api/v1/alert-channels' } as const;
const channel = { ...channels, path: '/api/v1/alert-channels/{id}', params: { id: resourceId }, errors: ['not_found'] } as const;

/** What an account is told, and where else it is told it. */
export const NOTIFICATION_ROUTES: readonly Route[] = [
  {
    ...notifications,
    method: 'GET',
    path: '/api/v1/notifications',
    summary: 'Notifications, and how many are unread',
    query: notificationsQuery,
    response: notificationList,
  },
  {
    ...notifications,
    method: 'POST',
    path: '/api/v1/notifications/read',
    summary: 'Mark notifications as read',
    body: readNotifications,
    response: unreadNotifications,
    errors: ['not_found'],
  },
  {
    ...notifications,
    method: 'GET',
    path: '/api/v1/stream',
    summary: 'Server-sent changes of what a console shows',
    alsoAnswers: ['text/event-stream'],
    errors: ['rate_limit_exceeded'],
  },
  { ...channels, method: 'GET', summary: 'Alert channels', query: listQuery, status: 200, response: alertChannelList },
  {
    ...channels,
    method: 'POST',
    summary: 'Create an alert channel; the signing secret of a webhook is in this answer only',
    body: createAlertChannel,
    status: 201,
    response: createdAlertChannel,
    errors: ['url_not_allowed', 'quota_reached'],
  },
  {
    ...channel,
    method: 'PATCH',
    summary: 'Change an alert channel, disable it or bring it back',
    body: patchAlertChannel,
    status: 200,
    response: alertChannelView,
    errors: ['not_found', 'url_not_allowed'],
  },
  { ...channel, method: 'DELETE', summary: 'Delete an alert channel and its deliveries', status: 204 },
  {
    ...channel,
    method: 'POST',
    path: '/api/v1/alert-channels/{id}/test',
    summary: 'Send a test through the channel now, and say what became of it',
    status: 200,
    response: alertDeliveryView,
    errors: ['not_found', 'rate_limit_exceeded'],
  },
  {
    ...channel,
    method: 'GET',
    path: '/api/v1/alert-channels/{id}/deliveries',
    summary: 'What was sent through the channel, newest first',
    query: listQuery,
    status: 200,
    response: alertDeliveryList,
  },
];
