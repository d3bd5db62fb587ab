/** The page of the API: everything that the OpenAPI document says, in both languages, from this hub alone. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { routes } from '../../src/hub/api/routes.ts';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

describe.skipIf(chromiumPath() === undefined)('the page of the API', () => {
  let hub: HubWithPages;
  let browser: Browser;

  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  test('is a link away, and lists every operation once', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/');
    await visitor.page.getByRole('contentinfo').getByRole('link', { name: 'API' }).click();
    await visitor.heading('API').waitFor();
    await visitor.heading('Repositories').waitFor();
    expect(await visitor.page.locator('details').count()).toBe(routes.length);
  });

  test('tells what goes in and what comes out, down to what lies inside', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/api');
    await visitor.page.getByLabel('Filter by method, address or words').fill('post repository}/move');
    const operation = visitor.page.locator('details');
    await operation
      .filter({ hasText: '/v2/namespaces/{namespace}/repositories/{repository}/move' })
      .waitFor();
    expect(await operation.count()).toBe(1);
    await operation.locator('summary').click();
    for (const text of ['Needs a session.', 'Parameters', 'Body', 'Answer 200', 'Refusals']) {
      await operation.getByText(text).first().waitFor();
    }
    // A field of an object in an answer.
    await operation.getByText('immutable_tags_settings').waitFor();
    await operation.getByText('rules').waitFor();
    await visitor.page.getByRole('textbox', { name: /^Filter by/ }).fill('nothing like this');
    await visitor.sees('No operation has “nothing like this”.');
  });

  test('speaks Portuguese around the document', async () => {
    await using visitor = await Visitor.enter(browser, hub, { locale: 'pt-BR' });
    await visitor.open('/api');
    await visitor.page.getByLabel('Filtrar por método, endereço ou palavras').fill('get categories');
    await visitor.page.locator('summary').first().click();
    await visitor.sees('Resposta 200');
  });

  test('leads to the document itself', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/api');
    const link = visitor.page.getByRole('link', { name: 'The OpenAPI document' });
    const address = new URL((await link.getAttribute('href')) ?? '', hub.url);
    const document = (await (await fetch(address)).json()) as { openapi: string };
    expect(document.openapi).toBe('3.1.1');
  });
});
