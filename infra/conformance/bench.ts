import { vi } from 'vitest';
import {
  type Answering,
  type ReceivedCall,
  type RecordingApp,
  startRecordingApp,
} from '../local/sidecar/testing/recordingApp.ts';
import { componentFiles } from './resources.ts';
import type { Implementation, Subject } from './subject.ts';
import { declareTopic, type Topic, type TopicDeclaration } from './topic.ts';

/** A subject with an app behind it. Topics and files are declared first, then all of it is started at once. */
export interface Bench {
  /** Declares a topic and its subscription. */
  topic(name: string, declaration?: TopicDeclaration): Topic;
  /** Declares a resource file. */
  file(name: string, text: string): void;
  /** Sets what the app answers at a path, from its next call on; where nothing is set, an empty 200. */
  answer(path: string, answering: Answering): void;
  /** What the app was sent at a path, or at all, oldest first. */
  calls(path?: string): ReceivedCall[];
  /** Calls the subject's API, with the token that it asks for. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Starts everything and waits until every subscription delivers. */
  start(implementation: Implementation): Promise<void>;
  /** Starts everything but the app, which then does not listen. */
  startWithoutApp(implementation: Implementation): Promise<void>;
  /** Publishes an event into each of the declared topics and waits until all are delivered. */
  warmUp(): Promise<void>;
  subject(): Subject;
  app(): RecordingApp;
  close(): Promise<void>;
}

/** What a bench is made with. */
export interface BenchOptions {
  /** The beginning of the names of its topics and consumer groups. */
  name: string;
  apiToken?: string;
  appToken?: string;
  /** Gives the subject a Postgres to keep state in. */
  database?: boolean;
  /** Gives the subject a scheduler to keep jobs with. */
  jobs?: boolean;
}

/** Waits until an assertion holds: long enough for a new consumer group on a busy machine. */
export function eventually<T>(assertion: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertion, { timeout: 25_000, interval: 10 });
}

/** Makes a bench, on which nothing runs yet. */
export function createBench({ name, apiToken, appToken, database = false, jobs = false }: BenchOptions): Bench {
  const topics: Topic[] = [];
  const files: Record<string, string> = {};
  const answers = new Map<string, Answering>();
  let running: { app: RecordingApp; subject: Subject } | undefined;

  function parts() {
    if (!running) throw new Error('the bench has not been started');
    return running;
  }

  const bench: Bench = {
    topic(topicName, declaration = {}) {
      const topic = declareTopic(bench, `${name}.${topicName}`, declaration);
      topics.push(topic);
      for (const [file, text] of Object.entries(topic.files)) bench.file(file, text);
      return topic;
    },
    file(file, text) {
      if (files[file] !== undefined) throw new Error(`${file} is declared twice`);
      files[file] = text;
    },
    answer(path, answering) {
      answers.set(path, answering);
      running?.app.answer(path, answering);
    },
    calls: (path) => parts().app.calls(path),
    request: (path, { headers, ...init } = {}) =>
      fetch(parts().subject.url + path, {
        ...init,
        headers: { ...(apiToken && { 'dapr-api-token': apiToken }), ...(headers as Record<string, string>) },
      }),

    async start(implementation) {
      await startSubject(implementation);
      await parts().app.reopen();
      await bench.warmUp();
    },
    async startWithoutApp(implementation) {
      await startSubject(implementation);
    },
    async warmUp() {
      await Promise.all(topics.map((topic) => topic.warmUp()));
    },
    subject: () => parts().subject,
    app: () => parts().app,
    async close() {
      await running?.subject.kill();
      await running?.app.close();
    },
  };

  async function startSubject(implementation: Implementation): Promise<void> {
    const app = await startRecordingApp(0);
    await app.close();
    for (const [path, answering] of answers) app.answer(path, answering);
    const names = topics.flatMap(({ existing }) => existing);
    const subject = await implementation.prepare({
      name,
      resources: { ...componentFiles(name, names), ...files },
      topics: names,
      database,
      jobs,
      appPort: app.port,
      apiToken,
      appToken,
    });
    running = { app, subject };
    await subject.start();
  }

  return bench;
}
