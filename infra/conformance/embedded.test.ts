import { describe } from 'vitest';
import { describeConformance } from './conformance.ts';
import { embedded } from './embedded.ts';

describe('the embedded sidecar', () => describeConformance(embedded));
