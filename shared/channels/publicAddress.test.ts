import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPublicAddress, literalAddress } from './publicAddress.ts';

// Ways around such a check that were reported of others: OneUptime/oneuptime#2578, documenso/documenso#2901 (IPv4-mapped
// addresses, in the form that URLs are brought to), sonichi/sutando#981, AmoyLab/Unla#305.
describe('not public', () => {
  test.each([
    ['this network', ['0.0.0.0', '0.255.255.255']],
    ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1']],
    ['shared by a carrier’s customers', ['100.64.0.1', '100.127.255.255']],
    ['loopback', ['127.0.0.1', '127.255.255.254', '::1']],
    ['link-local, and metadata services', ['169.254.169.254', 'fe80::1', 'fe80::1%lo', 'fd00:ec2::254']],
    ['unique local', ['fc00::1', 'fdff::1']],
    ['site-local, given up', ['fec0::1']],
    ['assigned to protocols', ['192.0.0.1', '2001::1', '2001:1ff::1']],
    [
      'documentation and benchmarks',
      ['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '2001:db8::1', '3fff::1'],
    ],
    ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1']],
    ['reserved and broadcast', ['240.0.0.1', '255.255.255.255']],
    ['unspecified', ['::']],
    ['IPv4, mapped', ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '::127.0.0.1']],
    ['IPv4, behind NAT64', ['64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::a00:1']],
    ['IPv4, by 6to4 and Teredo', ['2002:7f00:1::1', '2002:a00:1::', '2001:0:7f00:1::1']],
    ['no address', ['', 'localhost', 'example.org', '127.1', '1.2.3.4.5', '08.8.8.8']],
  ])('%s', (_kind, addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });

  test('any IPv4 address in a form of IPv6, and any address whose neighbours are all private', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, byte, byte, (a, b, c, d) => {
        const hex = [a, b, c, d].map((each) => each.toString(16).padStart(2, '0'));
        const [high, low] = [`${hex[0]}${hex[1]}`, `${hex[2]}${hex[3]}`];
        for (const form of ['::ffff:', '::ffff:0:', '::', '64:ff9b::', '64:ff9b:1::']) {
          expect(isPublicAddress(`${form}${high}:${low}`)).toBe(false);
        }
        expect(isPublicAddress(`2002:${high}:${low}::1`)).toBe(false);
        for (const address of [`10.${b}.${c}.${d}`, `127.${b}.${c}.${d}`, `192.168.${c}.${d}`, `169.254.${c}.${d}`]) {
          expect(isPublicAddress(address)).toBe(false);
        }
      }),
    );
  });
});

test.each([
  '8.8.8.8',
  '93.184.216.34',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '223.255.255.255',
])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));
test.each(['2606:4700:4700::1111', '2a00:1450:4001::200e', '2001:200::1', '2003::1'])('%s is public', (address) =>
  expect(isPublicAddress(address)).toBe(true),
);

test.each([
  ['http://2130706433/', '127.0.0.1'],
  ['http://0x7f000001/', '127.0.0.1'],
  ['http://0177.0.0.1/', '127.0.0.1'],
  ['http://127.1/', '127.0.0.1'],
  ['http://127。0。0。1/', '127.0.0.1'],
  ['http://[::1]/', '::1'],
  ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
  ['http://[0:0:0:0:0:ffff:a9fe:a9fe]/', '::ffff:a9fe:a9fe'],
])('%s is an address, however it is written', (url, address) => {
  expect(literalAddress(new URL(url))).toBe(address);
});

test.each(['http://localhost/', 'http://127.0.0.1.nip.io/', 'http://1.example.org/'])('%s is a name', (url) => {
  expect(literalAddress(new URL(url))).toBeUndefined();
});
