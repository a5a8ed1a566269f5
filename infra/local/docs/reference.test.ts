import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isHttp } from '../../../shared/runtime/defineFunction.ts';
import { loadFunctions } from '../../functions.ts';
import { inBrowser } from '../../testing/browser.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { readSettings } from '../settings.ts';
import { REFERENCE_PATH } from './reference.ts';

const anyPort = { API_PORT: '0', APP_PORT: '0', DAPR_HTTP_PORT: '0', DATABASE_PORT: '0', ISSUER_PORT: '0' };

let dataDir: string;
let platform: Platform;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'evolution-todo-reference-'));
  platform = await startPlatform({ settings: readSettings({ ...anyPort, DATA_DIR: dataDir }) });
});
afterAll(async () => {
  await platform?.close();
  await rm(dataDir, { recursive: true, force: true });
});

test('the page and its parts may load from where they come from only', async () => {
  for (const path of ['', '/reference.js', '/swagger-ui-bundle.js', '/swagger-ui.css', '/favicon-32x32.png']) {
    const response = await fetch(platform.apiUrl + REFERENCE_PATH + path);
    expect([path, response.status]).toEqual([path, 200]);
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; /);
    await response.body?.cancel();
  }
});

test('the page takes no other method than GET and HEAD, and nothing else is under its path', async () => {
  const refused = await fetch(platform.apiUrl + REFERENCE_PATH, { method: 'POST' });
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  const head = await fetch(platform.apiUrl + REFERENCE_PATH, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  expect((await fetch(`${platform.apiUrl + REFERENCE_PATH}/package.json`)).status).toBe(404);
});

test('the document that it shows is there, for whoever asks', async () => {
  const response = await fetch(`${platform.apiUrl}/openapi.json`);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ openapi: '3.1.1' });
});

inBrowser('the reference page in a browser', (launch) => {
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  const hosts = new Set<string>();
  beforeAll(async () => {
    browser = await launch();
    page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await page.goto(platform.apiUrl + REFERENCE_PATH);
  });
  afterAll(() => browser?.close());

  test('lists every operation with its summary', async () => {
    const functions = (await loadFunctions()).filter(isHttp);
    await page
      .locator('.opblock')
      .nth(functions.length - 1)
      .waitFor();
    const shown = await page.locator('.opblock-summary-description').allTextContents();
    expect(shown.sort()).toEqual(functions.map(({ summary }) => summary).sort());
  });

  test('shows an operation’s schema when it is opened', async () => {
    const createTask = page.locator('#operations-Tasks-createTask');
    await createTask.locator('.opblock-summary-control').click();
    const body = createTask.locator('.opblock-section-request-body');
    await body.getByRole('tab', { name: 'Schema' }).click();
    await body.getByText('recurrence', { exact: true }).waitFor();
  });

  test('calls the API with a token', async () => {
    await page.getByRole('button', { name: 'Authorize' }).click();
    const dialog = page.locator('.auth-container');
    await dialog.locator('input').fill(await platform.token('alice'));
    await dialog.getByRole('button', { name: 'Apply credentials' }).click();
    await page.locator('.btn-done').click();
    const listTasks = page.locator('#operations-Tasks-listTasks');
    await listTasks.locator('.opblock-summary-control').click();
    await listTasks.getByRole('button', { name: 'Try it out' }).click();
    await listTasks.getByRole('button', { name: 'Execute' }).click();
    await listTasks.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor();
  });

  test('and all that without a complaint, and without a request to anybody else', () => {
    expect(complaints).toEqual([]);
    expect([...hosts]).toEqual([new URL(platform.apiUrl).host]);
  });
});
