import type { Browser, BrowserContext, Page } from 'playwright-core';
// eslint-disable-next-line @nx/enforce-module-boundaries
import { chromium as chromiumPath } from '../../../../tools/browser/install.mjs';

/** A Chromium of this machine's, installed first where there is none. Loaded late: most tests need no browser. */
export async function launchBrowser(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of scripts, and what the page's policy refused. */
  readonly complaints: string[];
  /** Requests to another host than the page's own. */
  readonly elsewhere: string[];
}

export interface PageOptions {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  /** Of another page's context: whoever is signed in there. */
  readonly storageState?: Awaited<ReturnType<BrowserContext['storageState']>>;
}

const HEIGHT = 900;
const WIDTH = 1_440;

/** A page in a profile of its own, watched for everything that it may not do. */
export async function openPage(
  browser: Browser,
  origin: string,
  { theme = 'light', width = WIDTH, storageState }: PageOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width, height: HEIGHT },
    colorScheme: theme,
    ...(storageState === undefined ? {} : { storageState }),
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const elsewhere: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url())) elsewhere.push(request.url());
  });
  return { page, context, complaints, elsewhere };
}
