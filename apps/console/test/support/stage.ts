import { launchBrowser, openPage, type PageOptions, type WatchedPage } from '@ecolink/testing';
import type { Browser } from 'playwright-core';
import { StandIn } from './stand-in.js';

const START_TIMEOUT_MS = 90_000;

/** The console on a stand-in of the API, in one Chromium for all tests of a file. */
export class Stage {
  readonly standIn = new StandIn();
  private browser: Browser | undefined;
  private at = '';

  get origin(): string {
    return this.at;
  }

  async start(): Promise<void> {
    [this.browser, this.at] = await Promise.all([launchBrowser(), this.standIn.start()]);
  }

  async stop(): Promise<void> {
    await this.browser?.close();
    await this.standIn.stop();
  }

  /** A page in a profile of its own. */
  open(look?: PageOptions): Promise<WatchedPage> {
    if (this.browser === undefined) throw new Error('the stage is not set up yet');
    return openPage(this.browser, this.at, look);
  }
}

/** Sets a stage up before the tests of a file, and takes it down after them. */
export function setStage(): Stage {
  const stage = new Stage();
  beforeAll(() => stage.start(), START_TIMEOUT_MS);
  afterAll(() => stage.stop());
  return stage;
}
