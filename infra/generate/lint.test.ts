import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Parser } from '@asyncapi/parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const openApiPath = `${root}functions/getOpenApi/openapi.json`;
const asyncApiPath = `${root}infra/asyncapi.yaml`;

describe('the OpenAPI document', () => {
  const redocly = join(dirname(createRequire(import.meta.url).resolve('@redocly/cli/package.json')), 'bin/cli.js');
  /** Resolves to the rules that a document breaks. */
  async function lint(path: string): Promise<string[]> {
    const options = ['--config', `${root}infra/generate/redocly.yaml`, '--format', 'json'];
    const { stdout } = await promisify(execFile)(process.execPath, [redocly, 'lint', path, ...options], {
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    }).catch((error: { stdout: string }) => error);
    const { problems } = JSON.parse(stdout) as { problems: { ruleId: string }[] };
    return problems.map(({ ruleId }) => ruleId);
  }

  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'evolution-todo-lint-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('is what Redocly wants it to be', async () => {
    expect(await lint(openApiPath)).toEqual([]);
  });

  test('would be found out if it were not', async () => {
    const document = JSON.parse(await readFile(openApiPath, 'utf8'));
    delete document.paths['/tasks'].post.summary;
    const broken = join(folder, 'openapi.json');
    await writeFile(broken, JSON.stringify(document));
    expect(await lint(broken)).toEqual(['operation-summary']);
  });
});

describe('the AsyncAPI document', () => {
  const parser = new Parser();
  const lint = async (yaml: string) => {
    const { diagnostics } = await parser.parse(yaml);
    return diagnostics.map(({ code, message }) => `${code}: ${message}`);
  };

  test('is what AsyncAPI’s own parser wants it to be', async () => {
    expect(await lint(await readFile(asyncApiPath, 'utf8'))).toEqual([]);
  });

  test('would be found out if it were not', async () => {
    const yaml = await readFile(asyncApiPath, 'utf8');
    expect(await lint(yaml.replaceAll('action: send', 'action: publish'))).not.toEqual([]);
  });
});
