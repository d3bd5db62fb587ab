/** A person at the hub's pages, with what their browser complains about. */
import { expect } from 'bun:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { type Browser, goTo } from './browser.ts';
import type { HubWithPages } from './hub-with-pages.ts';

export const password = 'sail-to-the-quay-9';

/** In milliseconds, on a machine that does other things too. */
const patience = 60_000;

export class Visitor implements AsyncDisposable {
  readonly page: Page;
  readonly #hub: HubWithPages;
  readonly #complaints: string[] = [];

  private constructor(page: Page, hub: HubWithPages, others: readonly string[]) {
    this.page = page;
    this.#hub = hub;
    page.setDefaultTimeout(patience);
    page.on('pageerror', (error) => this.#complaints.push(`error: ${error.message}`));
    page.on('console', (message) => {
      // The network's own line for an answer of 400 and up; what the page makes of it is what the tests look at.
      if (message.text().startsWith('Failed to load resource')) return;
      if (message.type() === 'error' || message.type() === 'warning') {
        this.#complaints.push(`${message.type()}: ${message.text()}`);
      }
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!/^(?:data|blob):/.test(url) && ![hub.url, ...others].includes(new URL(url).origin)) {
        this.#complaints.push(`asked elsewhere: ${url}`);
      }
    });
  }

  /** @param others origins that the pages may lead to. */
  static async enter(
    browser: Browser,
    hub: HubWithPages,
    options?: BrowserContextOptions,
    ...others: readonly string[]
  ): Promise<Visitor> {
    return new Visitor(await browser.newPage(options), hub, others);
  }

  async open(path: string): Promise<void> {
    await goTo(this.page, this.#hub.url + path);
  }

  get path(): string {
    return new URL(this.page.url()).pathname;
  }

  async signUp(username: string): Promise<void> {
    await this.open('/signup');
    await this.page.getByLabel('Username').fill(username);
    await this.page.getByLabel('Email').fill(`${username}@example.com`);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.button('Sign up').click();
    await this.page.getByRole('button', { name: 'Account menu' }).waitFor();
  }

  async signIn(username: string): Promise<void> {
    await this.open('/login');
    await this.page.getByLabel('Username').fill(username);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.button('Sign in').click();
    await this.page.getByRole('button', { name: 'Account menu' }).waitFor();
  }

  /** A button of the page itself, not of its frame. */
  button(name: string) {
    return this.page.getByRole('main').getByRole('button', { name });
  }

  /** Waits until the text can be read. */
  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor();
  }

  heading(name: string | RegExp) {
    return this.page.getByRole('heading', { name });
  }

  /** Leaves; the browser must have had nothing to complain about: no error, nothing against the Content-Security-Policy. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Where the test failed before, its SuppressedError would show neither failure.
    for (const complaint of this.#complaints) console.error(`${this.page.url()}: ${complaint}`);
    await this.page.close();
    expect(this.#complaints).toEqual([]);
  }
}
