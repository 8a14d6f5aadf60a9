import { Bell } from './bell/bell.service.js';
import { NotificationsController } from './bell/notifications.controller.js';
import { AlertChannelsController } from './channels/alert-channels.controller.js';
import { AlertChannels } from './channels/channels.service.js';
import { AlertDeliveries } from './channels/deliveries.service.js';
import { SendAlert } from './channels/send-alert.service.js';
import { NotificationJobs } from './notification-jobs.service.js';
import { Notifications } from './raise/raise-notifications.service.js';
import { RaisedConsumer } from './raise/raised.consumer.js';
import { BalanceWarnings } from './sources/balance-warnings.service.js';
import { EndedInstances } from './sources/ended-instances.service.js';
import { ExpiringKeys } from './sources/expiring-keys.service.js';
import { ChangesConsumer } from './stream/changes.consumer.js';
import { OpenStreams } from './stream/open-streams.service.js';
import { StreamController } from './stream/stream.controller.js';

/** What notifications add to the module of auth-billing. */
export const NOTIFICATION_CONTROLLERS = [
  AlertChannelsController,
  ChangesConsumer,
  NotificationsController,
  RaisedConsumer,
  StreamController,
];

export const NOTIFICATION_SERVICES = [
  AlertChannels,
  AlertDeliveries,
  BalanceWarnings,
  Bell,
  EndedInstances,
  ExpiringKeys,
  NotificationJobs,
  Notifications,
  OpenStreams,
  SendAlert,
];
