import * as z from 'zod/mini';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';

export default defineFunction({
  name: 'getOpenApi',
  summary: 'Describes this API in OpenAPI 3.1.',
  trigger: { http: 'GET /openapi.json' },
  public: true,
  output: { status: 200, body: z.looseObject({ openapi: z.string() }) },

  async handler() {
    // Not at the start: the document is generated from all definitions, this one too, so it need not exist before.
    const { default: document } = await import('./openapi.json');
    return document;
  },
});
