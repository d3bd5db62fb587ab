/**
 * The workflow, end to end: the commands of the two tutorials are read out of their text and typed at a real terminal,
 * their page actions are done in real Chromium, with `cais` and with the stock docker CLI.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type Browser, goTo, openBrowser } from '../browser/support/browser.ts';
import { startCais, type RunningCais } from '../support/running-cais.ts';
import { Terminal } from '../support/terminal.ts';
import { type PageAction, parseTutorial, patternOf, type Step } from '../support/tutorial.ts';

const docs = `${import.meta.dir}/../../docs`;
const english = parseTutorial(await Bun.file(`${docs}/tutorial.md`).text());
const portuguese = parseTutorial(await Bun.file(`${docs}/tutorial.pt-BR.md`).text());

test('the two tutorials type and show the same', () => {
  expect(portuguese).toEqual(english);
  expect(english.length).toBeGreaterThan(40);
});

const tours: { client: 'cais' | 'docker'; text: string; steps: Step[] }[] = [
  { client: 'cais', text: 'tutorial.md', steps: english },
  { client: 'docker', text: 'tutorial.pt-BR.md', steps: portuguese },
];

for (const { client, text, steps } of tours) {
  describe(`${text} typed with ${client}`, () => {
    let cais: RunningCais;
    let browser: Browser;
    beforeAll(async () => {
      cais = await startCais({ seed: true });
      browser = await openBrowser();
    }, 300_000);
    afterAll(async () => {
      await browser?.[Symbol.asyncDispose]();
      await cais?.[Symbol.asyncDispose]();
    });

    test('works from the first line to the last', async () => {
      await using tour = new Tour(cais, client, await browser.newPage());
      for (const step of steps) await tour.take(step);
    }, 300_000);
  });
}

type Page = Awaited<ReturnType<Browser['newPage']>>;

/** One walk through a tutorial: a shell on a terminal, a browser, and the container's id once it has shown. */
class Tour implements AsyncDisposable {
  static readonly #prompt = 'host@quay> ';
  readonly #cais: RunningCais;
  readonly #client: string;
  readonly #page: Page;
  readonly #terminal: Terminal;
  #id: string | undefined;
  /** What is expected of a command that still runs; looked for when it has ended. */
  #started = false;

  constructor(cais: RunningCais, client: string, page: Page) {
    this.#cais = cais;
    this.#client = client;
    this.#page = page;
    const env = { ...cais.clientEnv, PS1: Tour.#prompt, HISTFILE: '' };
    this.#terminal = new Terminal(['bash', '--norc', '--noprofile', '-i'], { env });
  }

  async take(step: Step): Promise<void> {
    if (!this.#started) await this.#terminal.waitFor(Tour.#prompt);
    this.#started = true;
    switch (step.kind) {
      case 'page':
        return this.#onPage(step.action);
      case 'host':
      case 'inside':
        await this.#typeCommand(this.#command(step.command));
        break;
      case 'answer':
        await this.#terminal.waitFor(step.prompt);
        this.#terminal.type(step.text + '\r');
        break;
      case 'keys':
        this.#terminal.type(step.keys);
        break;
    }
    await this.#expectShown(step);
  }

  /** Waits until the command is over (or its container's prompt shows), then compares what it showed. */
  async #expectShown(step: Exclude<Step, { kind: 'page' }>): Promise<void> {
    const asks = step.kind === 'host' && step.command.includes('login -u');
    if (asks) return;
    const shown = await this.#terminal.waitFor(
      /host@quay> $|root@[0-9a-f]+:\/# $|read escape sequence\n/,
      180_000,
    );
    if (shown.endsWith('read escape sequence\n')) await this.#terminal.waitFor(Tour.#prompt);
    const pattern = patternOf(step.expected, this.#id);
    expect(shown).toMatch(pattern);
    this.#id ??= pattern.exec(shown)?.groups?.['id'];
  }

  /** A shell may draw its prompt anew when the window gets its size: only after the echo is what shows the command's. */
  async #typeCommand(command: string): Promise<void> {
    this.#terminal.type(command);
    await this.#terminal.waitFor(command);
    this.#terminal.type('\r');
  }

  #command(text: string): string {
    const named = this.#id === undefined ? text : text.replaceAll('<id>', this.#id);
    return named.replace(/^cais /, `${this.#client} `);
  }

  async #onPage(action: PageAction): Promise<void> {
    switch (action.do) {
      case 'open':
        await goTo(this.#page, this.#cais.hubUrl + action.path);
        break;
      case 'fill':
        await this.#page.getByLabel(action.label, { exact: false }).first().fill(action.value);
        break;
      case 'click':
        await this.#page.getByRole('main').getByRole('button', { name: action.name }).click();
        break;
      case 'expect':
        await this.#page.getByText(action.text).filter({ visible: true }).first().waitFor();
        break;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#terminal[Symbol.asyncDispose]();
    await this.#page.close();
  }
}
