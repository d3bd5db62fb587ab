/** Quotas, what is kept, and copies at other registries, as people set them on pages. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { pushImage } from './support/push-image.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

describe.skipIf(chromiumPath() === undefined)('rules', () => {
  let hub: HubWithPages;
  let browser: Browser;

  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
    // The first account of a hub is its administrator.
    for (const name of ['root1', 'alice']) {
      await using visitor = await Visitor.enter(browser, hub);
      await visitor.signUp(name);
    }
    for (const tag of ['1.0', '1.1', '2.0']) {
      const push = { hubUrl: hub.url, username: 'alice', password, repository: 'alice/app', tag };
      await pushImage(push, [[`ADD ${tag} in /`, 5000]]);
    }
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  test('an administrator limits a namespace, and its page shows how much of that is used', async () => {
    await using root = await Visitor.enter(browser, hub);
    await root.signIn('root1');
    await root.open('/admin');
    await root.page.getByRole('tab', { name: 'Quotas' }).click();
    await root.sees('No namespace is limited.');
    await root.button('Save').first().click();
    await root.sees('Enter the name of an account or organization.');
    await root.page.getByLabel('Namespace').fill('alice');
    await root.page.getByLabel('Size in GB').first().fill('2.5');
    await root.page.getByLabel('Namespace').fill('alcie');
    await root.button('Save').first().click();
    await root.sees('There is no account or organization of this name on this hub.');
    expect(await root.page.getByRole('alert').count()).toBe(0);
    await root.page.getByLabel('Namespace').fill('alice');
    await root.button('Save').first().click();
    await root.sees(/ of 2\.5 GB are used/);
    // The size stays as it is.
    await root.page.getByLabel('Namespace').fill('alice');
    await root.page.getByLabel('Repositories', { exact: true }).first().fill('1');
    await root.page.getByLabel('Private repositories').first().fill('0');
    await root.button('Save').first().click();
    await root.sees(/ of 1 repositories are there/);
    await using alice = await Visitor.enter(browser, hub);
    await alice.signIn('alice');
    await alice.open('/u/alice');
    await alice.page.getByRole('progressbar', { name: /of 2\.5 GB are used/ }).waitFor({ state: 'attached' });
    await alice.sees(/^0 of 0 private repositories are there\. Another private one is refused/);
    // Of no concern to others.
    await root.open('/u/alice');
    await root.heading('Repositories').waitFor();
    expect(await root.page.getByRole('progressbar').count()).toBe(0);
    await root.open('/admin/quotas');
    await root.button('Remove the quota of alice').click();
    await root.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await root.sees('No namespace is limited.');
  });

  test('an owner sees what rules would remove, and removes it', async () => {
    await using alice = await Visitor.enter(browser, hub);
    await alice.signIn('alice');
    await alice.open('/r/alice/app/settings');
    await alice.sees('Without a rule every tag stays.');
    await alice.button('Add a rule').first().click();
    await alice.page.getByLabel('How many').fill('1');
    await alice.page.getByLabel('Of the tags').fill('(1');
    await alice.button('See what would go').click();
    await alice.sees(/is not a pattern/);
    await alice.page.getByLabel('Of the tags').fill('1.*');
    await alice.button('See what would go').click();
    await alice.sees(
      'Tags that would go: 2. Images without a tag that would go: 0. Tags that would stay: 1.',
    );
    const preview = alice.page.getByRole('list', { name: 'alice/app' });
    expect(await preview.getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(/^2\.0would go, pushed · /),
      expect.stringMatching(/^1\.0would go, pushed · /),
      '1.1stays by rule 1 (the latest)',
    ]);
    // Only what is stored can be run.
    expect(await alice.button('Remove now').count()).toBe(0);
    const form = alice.page.locator('form', { has: alice.page.getByLabel('Of the tags') });
    await form.getByRole('button', { name: 'Save' }).click();
    await alice.button('Remove now').click();
    await alice.page.getByRole('dialog').getByRole('button', { name: 'Remove now' }).click();
    await alice.sees('Tags that went: 2. Images without a tag that went: 0. Tags that stayed: 1.');
    await alice.sees('alice/app:2.0, alice/app:1.0');
  });

  test('an administrator has images copied elsewhere, and sees why that fails', async () => {
    await using root = await Visitor.enter(browser, hub);
    await root.signIn('root1');
    await root.open('/admin/replication');
    await root.sees('Nothing is copied to other registries.');
    await root.button('New rule').click();
    const fill = (label: string, text: string) => root.page.getByLabel(label, { exact: true }).fill(text);
    await fill('Name', 'away');
    await fill('Repositories', 'alice/*');
    await fill('Registry', 'here');
    await root.button('Make the rule').click();
    await root.sees('An address as https://registry.example is expected.');
    // Nobody listens there.
    await fill('Registry', 'http://127.0.0.1:9');
    await root.button('Make the rule').click();
    await root.sees('alice/*:* → http://127.0.0.1:9/');
    await root.sees(/connection refused/);
    await root.button('Show tags').click();
    const items = root.page.getByRole('list', { name: 'Tags of away' });
    await items
      .getByText(/^failed · tried again/)
      .first()
      .waitFor();
    await root.button('Pause').click();
    await root.sees(/away · paused/);
    await root.button('Remove').click();
    await root.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await root.sees('Nothing is copied to other registries.');
  });
});
