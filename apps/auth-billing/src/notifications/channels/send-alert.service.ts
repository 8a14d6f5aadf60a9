import { INTERNAL_SECRET } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK, SETTINGS, type Settings } from '../../injection.js';
import { Mailer } from '../../mail/mailer.js';
import type { AlertMessage } from '../raise/notification.js';
import { type ChannelRow, webhookSecret } from './channel.js';
import { sendWebhook, type SendResult } from './send-webhook.js';
import { webhookPolicy } from './webhook-url.js';

/** Sends one message through one channel, once. Never throws: what goes wrong is the delivery's problem. */
@Injectable()
export class SendAlert {
  constructor(
    @Inject(Mailer) private readonly mailer: Mailer,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(INTERNAL_SECRET) private readonly internalSecret: string,
  ) {}

  async send(channel: ChannelRow, deliveryId: string, message: AlertMessage): Promise<SendResult> {
    if (channel.kind === 'email') return this.mail(channel.address ?? '', message);
    const policy = webhookPolicy(this.settings.podNetworks, this.settings.ownPorts);
    const secret = webhookSecret(this.internalSecret, channel);
    return sendWebhook(channel.url ?? '', secret, { id: deliveryId, message }, policy, this.clock());
  }

  private async mail(to: string, { severity, title, text }: AlertMessage): Promise<SendResult> {
    const subject = severity === 'info' ? `EcoLink: ${title}` : `EcoLink ${severity}: ${title}`;
    try {
      await this.mailer.send({ to, subject, text: `${text}\n\n${this.settings.publicUrl}\n` });
      return { kind: 'delivered', status: null };
    } catch (error) {
      return { kind: 'failed', status: null, problem: mailProblem(error) };
    }
  }
}

const PROBLEM_LENGTH_MAX = 200;

/** What the server said, in one line. */
function mailProblem(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `the mail could not be sent: ${text.replace(/\s+/g, ' ').slice(0, PROBLEM_LENGTH_MAX)}`;
}
