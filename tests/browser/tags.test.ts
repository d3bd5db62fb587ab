/** The list of a repository's tags in a real browser: long lists, order, filter, and the deletion of many. */
import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { eventually } from '../support/eventually.ts';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { pushImage } from './support/push-image.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

const many = 10_000;
/** In milliseconds: by how much a picture may take longer than one where nothing moves. */
const smooth = 100;

describe.skipIf(chromiumPath() === undefined)('the tags of a repository', () => {
  let hub: HubWithPages;
  let browser: Browser;

  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
    await using alice = await Visitor.enter(browser, hub);
    await alice.signUp('alice');
    for (const tag of ['1.0', '2.0', 'edge', 'latest']) await push('alice/app', tag);
    await push('alice/long', 'latest');
    addTags();
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  const push = (repository: string, tag: string) =>
    pushImage({ hubUrl: hub.url, username: 'alice', password, repository, tag }, [['ADD file in /', 5000]]);

  /** More than anybody would push in a test, the first one the oldest. */
  function addTags(): void {
    using database = new Database(hub.databasePath);
    const insert = database.prepare(
      `INSERT INTO tags (repository_id, name, digest, pushed_at) SELECT m.repository_id, ?, m.digest, ? FROM manifests m
         JOIN repositories r ON r.id = m.repository_id WHERE r.name = 'long' LIMIT 1`,
    );
    database.transaction(() => {
      for (let index = 1; index < many; index++) insert.run(`build-${index}`, index * 60_000);
    })();
  }

  const row = (visitor: Visitor, tag: string) =>
    visitor.page
      .getByRole('listitem')
      .filter({ has: visitor.page.getByRole('link', { name: tag, exact: true }) });

  test('are ten thousand and scroll as if they were ten', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/r/alice/long/tags');
    await visitor.sees('10,000 tags');
    await row(visitor, 'latest').waitFor();
    const pictures = async (step: number): Promise<number> =>
      await visitor.page.evaluate(`(async () => {
        const times = [];
        for (let last = await new Promise(requestAnimationFrame), at = 0; at < 100; at++) {
          window.scrollBy(0, ${step});
          const now = await new Promise(requestAnimationFrame);
          times.push(now - last);
          last = now;
        }
        return times.toSorted((a, b) => a - b)[90];
      })()`);
    const still = await pictures(0);
    expect((await pictures(400)) - still).toBeLessThan(smooth);
    // Only what is near is there, and it says where it is.
    expect(await visitor.page.getByRole('listitem').count()).toBeLessThan(60);
    await visitor.page.evaluate('window.scrollTo(0, document.body.scrollHeight / 2)');
    const middle = visitor.page.locator('li[aria-setsize="10000"]').first();
    await middle.getByRole('link').first().waitFor();
    expect(Number(await middle.getAttribute('aria-posinset'))).toBeGreaterThan(4000);
    // Rows on the way that turn out higher than was thought move the page once more: then the key is pressed again.
    await eventually(async () => {
      await visitor.page.keyboard.press('End');
      expect(await row(visitor, 'build-1').isVisible()).toBe(true);
    });
  });

  test('are walked through by keyboard, and the focus is never lost', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/r/alice/long/tags');
    await row(visitor, 'latest').getByRole('link', { name: 'latest' }).focus();
    for (let times = 0; times < 80; times++) await visitor.page.keyboard.press('Tab');
    const focused = visitor.page.locator('li:focus-within');
    const place = Number(await focused.getAttribute('aria-posinset'));
    expect(place).toBeGreaterThan(20);
    // Scrolled far away it is still there, and comes back where it was.
    await visitor.page.evaluate('window.scrollTo(0, 200000)');
    await row(visitor, 'build-8200').or(visitor.page.getByRole('listitem').last()).first().waitFor();
    expect(await focused.getAttribute('aria-posinset')).toBe(String(place));
  });

  test('are filtered and put in another order', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/r/alice/long/tags');
    await visitor.page.getByLabel('Filter tags').fill('build-99');
    await visitor.sees('111 tags');
    await visitor.page.getByLabel('Order').selectOption('Oldest first');
    await row(visitor, 'build-99').waitFor();
    expect(await visitor.page.locator('li[aria-posinset="1"]').getByRole('link').first().textContent()).toBe(
      'build-99',
    );
    await visitor.page.getByLabel('Filter tags').fill('<b>nothing');
    await visitor.sees('No tag has “<b>nothing” in its name.');
  });

  test('are deleted together; what an immutable rule keeps is told', async () => {
    await using alice = await Visitor.enter(browser, hub);
    await alice.signIn('alice');
    const token = (
      (await (
        await alice.page.request.post(`${hub.url}/v2/users/login/`, { data: { username: 'alice', password } })
      ).json()) as { token: string }
    ).token;
    const kept = await fetch(`${hub.url}/v2/namespaces/alice/repositories/app/immutabletags`, {
      method: 'PATCH',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ immutable_tags: true, immutable_tags_rules: ['1[.]0'] }),
    });
    expect(kept.status).toBe(200);
    await alice.open('/r/alice/app/tags');
    await row(alice, '1.0').getByText('Immutable').waitFor();
    for (const tag of ['1.0', 'edge']) await alice.page.getByLabel(`Select the tag ${tag}`).check();
    await alice.sees('2 tags selected');
    await alice.button('Delete…').click();
    await alice.page.getByRole('dialog').getByRole('button', { name: 'Delete 2 tags' }).click();
    const told = alice.page.getByRole('dialog', { name: 'One tag was not deleted' });
    await told.getByText('1.0').waitFor();
    await told.getByRole('button', { name: 'Close' }).last().click();
    await row(alice, 'edge').waitFor({ state: 'detached' });
    await alice.sees('1 tag selected');
  });

  test('ask for the name before many of them go', async () => {
    await using alice = await Visitor.enter(browser, hub);
    await alice.signIn('alice');
    await alice.open('/r/alice/long/tags');
    await alice.page.getByLabel('Filter tags').fill('build-77');
    await alice.sees('111 tags');
    await alice.page.getByLabel('Select all').click();
    await alice.sees('111 tags selected');
    await alice.button('Delete…').click();
    const dialog = alice.page.getByRole('dialog', { name: 'Delete 111 tags?' });
    const confirm = dialog.getByRole('button', { name: 'Delete 111 tags' });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByLabel('To be sure, type alice/long').fill('alice/long');
    await confirm.click();
    await alice.sees('No tag has “build-77” in its name.');
    await alice.page.getByLabel('Filter tags').fill('');
    await alice.sees('9,889 tags');
  });

  test('offer nothing to delete to who may not, on a phone and in Portuguese', async () => {
    await using visitor = await Visitor.enter(browser, hub, {
      viewport: { width: 390, height: 780 },
      locale: 'pt-BR',
    });
    await visitor.open('/r/alice/long/tags');
    await visitor.sees(/tags$/);
    await row(visitor, 'latest').waitFor();
    expect(await visitor.page.getByRole('checkbox').count()).toBe(0);
    expect(await visitor.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });
});
