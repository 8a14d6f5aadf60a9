import { type Answer, openPage, type PageOptions, type ProductClient, type WatchedPage } from '@ecolink/testing';
import type { Browser, Locator, Page } from 'playwright-core';

/** For everything that a page shows: a start of an instance on a busy machine is the longest. */
const SHOWN_TIMEOUT_MS = 90_000;

export const PASSWORD = 'correct horse battery';

/** A person with a browser of their own in front of the console. */
export class Visitor {
  readonly page: Page;

  private constructor(
    private readonly watched: WatchedPage,
    readonly email: string,
  ) {
    this.page = watched.page;
    this.page.setDefaultTimeout(SHOWN_TIMEOUT_MS);
  }

  static async arrive(browser: Browser, product: ProductClient, name: string, look?: PageOptions): Promise<Visitor> {
    return new Visitor(await openPage(browser, product.root, look), `${name}@journeys.example`);
  }

  async signUp(accountName: string): Promise<void> {
    await this.page.goto('/console/login?mode=signup');
    await this.page.getByLabel('E-mail').fill(this.email);
    await this.page.getByLabel('Password, at least 8 characters').fill(PASSWORD);
    await this.page.getByLabel('Company or team').fill(accountName);
    await this.press('Create an account');
    await this.page.getByRole('heading', { name: 'Model Instances' }).waitFor();
  }

  /** From the page of an invite, as a person who is new. */
  async join(): Promise<void> {
    await this.page.getByLabel('E-mail').fill(this.email);
    await this.page.getByLabel('Password, at least 8 characters').fill(PASSWORD);
    await this.press('Create an account');
    await this.page.getByRole('navigation').first().waitFor();
  }

  /** Presses the button of this name, in a dialog where one is open. */
  async press(name: string | RegExp): Promise<void> {
    await this.button(name).click();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' }).last();
  }

  async see(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  go(page: string): Promise<unknown> {
    return this.page.getByRole('navigation').getByRole('link', { name: page }).first().click();
  }

  /** Chooses an option of a select. */
  async choose(label: string, option: string | RegExp): Promise<void> {
    await this.page.getByRole('combobox', { name: label }).last().click();
    await this.page.getByRole('option', { name: option }).first().click();
  }

  /** Launches a model on a server that runs already; gives its id of `name:id`. */
  async launchExternal(model: string, url: string): Promise<string> {
    await this.register(model, 'Servers I already run');
    await this.go('Model Instances');
    await this.press('Launch instance');
    const dialog = this.page.getByRole('dialog');
    await dialog.getByLabel('URL').fill(url);
    await this.press('Test');
    await this.see('Reachable.');
    await dialog.getByRole('button', { name: 'Launch', exact: true }).click();
    return this.openInPlayground(model);
  }

  async register(model: string, source: string): Promise<void> {
    await this.go('Registry');
    await this.press('Register model');
    const dialog = this.page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill(model);
    if (source !== 'Hugging Face') await this.choose('Where it comes from', source);
    else await dialog.getByLabel('Repository').fill(`journeys/${model}`);
    await this.press('Register model');
    await dialog.waitFor({ state: 'detached' });
    await this.see(model);
  }

  /** From an instance's page, as soon as it runs. */
  async openInPlayground(model: string): Promise<string> {
    await this.page.getByRole('link', { name: 'Open in Playground' }).click();
    await this.page.getByPlaceholder(new RegExp(`^Message ${model}:`)).waitFor();
    return (await this.page.locator('[data-model-picker]').textContent()) ?? '';
  }

  async ask(message: string): Promise<Locator> {
    await this.page.locator('[data-composer]').fill(message);
    await this.page.keyboard.press('Enter');
    return this.page.locator('article').last();
  }

  /** A call of the page's own session, as the console makes them. */
  call(method: string, path: string, body?: unknown): Promise<Answer['body']> {
    return this.page.evaluate(
      async ([verb, target, sent]) => {
        const response = await fetch(`/api/v1${target ?? ''}`, {
          method: verb ?? 'GET',
          ...(sent === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: sent }),
        });
        const text = await response.text();
        if (!response.ok) throw new Error(`${target ?? ''} answered ${response.status}: ${text}`);
        return text === '' ? null : (JSON.parse(text) as unknown);
      },
      [method, path, body === undefined ? undefined : JSON.stringify(body)] as const,
    );
  }

  /** What the page may never do: errors of scripts, breaches of its policy, calls to other hosts. */
  misdeeds(): readonly string[] {
    return [...this.watched.complaints, ...this.watched.elsewhere];
  }

  /** What was to be seen last, where a folder for pictures is given. */
  async picture(folder = process.env['CONSOLE_PICTURES']): Promise<void> {
    if (folder !== undefined) await this.page.screenshot({ path: `${folder}/${this.email}.png` });
  }

  leave(): Promise<void> {
    return this.watched.context.close();
  }
}
