import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Page } from '../gateway/pages.ts';

/** Path of the page that shows what `/openapi.json` says, for people. */
export const REFERENCE_PATH = '/docs';

/** Everything comes from here and goes here; styles and scripts only from files. Pictures also stand in the style sheet. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const types = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  png: 'image/png',
};

/** The API reference as pages, by path: Swagger UI, from the package that was installed. */
export function referencePages(): ReadonlyMap<string, Page> {
  const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const ofSwaggerUi = ['swagger-ui-bundle.js', 'swagger-ui.css', 'index.css', 'favicon-32x32.png'];
  return new Map([
    [REFERENCE_PATH, page(import.meta.dirname, 'reference.html')],
    [`${REFERENCE_PATH}/reference.js`, page(import.meta.dirname, 'reference.js')],
    ...ofSwaggerUi.map((file) => [`${REFERENCE_PATH}/${file}`, page(swaggerUi, file)] as const),
  ]);
}

function page(folder: string, file: string): Page {
  const type = types[file.slice(file.lastIndexOf('.') + 1) as keyof typeof types];
  return {
    headers: { 'content-type': type, 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff' },
    read: () => readFile(join(folder, file)),
  };
}
