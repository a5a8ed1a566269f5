import { describe } from 'vitest';
import { describeConformance } from './conformance.ts';
import { daprd } from './daprd.ts';

describe('daprd', () => describeConformance(daprd));
