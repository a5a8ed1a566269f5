import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { listen } from '../local/listen.ts';
import { choosePorts } from './ports.ts';
import { readRealSettings } from './settings.ts';

const anyPorts = { API_PORT: '0', APP_PORT: '0', DAPR_HTTP_PORT: '0', KAFKA_PORT: '0', POSTGRES_PORT: '0' };

it('keeps its data apart from that of the embedded platform', () => {
  expect(readRealSettings({}).DATA_DIR).toMatch(/\/\.data\/real$/);
});

it('names everything that is wrong', () => {
  expect(() => readRealSettings({ KAFKA_PORT: '70000', POSTGRES_PORT: 'x' })).toThrow(
    /KAFKA_PORT: .*; POSTGRES_PORT: /,
  );
});

it('wants to know whom e-mails are from where they leave the machine', () => {
  expect(() => readRealSettings({ SMTP_HOST: 'smtp.example.com' })).toThrow('SMTP_HOST needs SMTP_FROM');
});

it('gives every part a port of its own', async () => {
  const { brokers, ...ports } = await choosePorts(readRealSettings(anyPorts));
  expect(new Set(Object.values(ports)).size).toBe(Object.keys(ports).length);
  expect(brokers).toBe(`127.0.0.1:${ports.kafka}`);
});

it('refuses a port that somebody else listens on', async () => {
  const other = await listen(createServer(), 0);
  const choosing = choosePorts(readRealSettings({ ...anyPorts, KAFKA_PORT: String(other.port) }));
  await expect(choosing).rejects.toThrow(`port ${other.port} is in use`);
  await other.close();
});
