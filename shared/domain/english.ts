import { en } from 'zod/locales';
import * as z from 'zod/mini';

/** Says in English what is wrong where a schema has no words of its own for it: `zod/mini` brings none. */
z.config(en());
