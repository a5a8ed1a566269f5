/** The runs of `npm run test:real`, a minute or so each. Their seeds are chosen so that every part is hit; a test holds them to that. */
export const shortRuns = [
  { platform: 'embedded', seed: 22, writes: 150, users: 12, hits: 5, rate: 25 },
  { platform: 'real', seed: 8, writes: 300, users: 20, hits: 7, rate: 20 },
] as const;
