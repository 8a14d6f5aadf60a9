import { createRequire } from 'node:module';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type * as nodemailer from 'nodemailer';
import { SETTINGS, type Settings } from '../injection.js';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** Plain text; line breaks as `\n`. */
  readonly text: string;
}

const CONNECTIONS_MAX = 2;
const TIMEOUT_MS = 10_000;

/** Mail through the operator's SMTP server. */
@Injectable()
export class Mailer implements OnModuleDestroy {
  private readonly transport: nodemailer.Transporter | undefined;

  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    if (settings.smtpUrl === undefined) return;
    const { createTransport } = createRequire(import.meta.url)('nodemailer') as typeof nodemailer;
    this.transport = createTransport({
      url: settings.smtpUrl,
      pool: true,
      maxConnections: CONNECTIONS_MAX,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
    });
  }

  get isConfigured(): boolean {
    return this.transport !== undefined;
  }

  /** Resolves once the server has taken the mail; throws what it refused it with, and without a server at once. */
  async send(mail: Mail): Promise<void> {
    if (this.transport === undefined) throw new Error('no SMTP server is configured (ECOLINK_SMTP_URL)');
    await this.transport.sendMail({ from: this.settings.mailFrom, to: mail.to, subject: mail.subject, text: mail.text });
  }

  onModuleDestroy(): void {
    this.transport?.close();
  }
}
