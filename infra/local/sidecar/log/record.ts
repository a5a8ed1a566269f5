/** A partition of a topic of a pub/sub component. */
export interface PartitionId {
  pubsubName: string;
  topic: string;
  partition: number;
}

/** What is kept about a message beside its payload. */
export interface MessageHeader extends PartitionId {
  offset: number;
  /** When the message was accepted, in milliseconds since 1970. */
  timestamp: number;
  key?: string;
  /** The publish request's metadata, which Kafka carries as the message's headers. */
  metadata: Record<string, string>;
}

/** How far a partition has come: its next offset, and the first offset that is not yet consumed. */
export interface PartitionState extends PartitionId {
  nextOffset: number;
  committed: number;
}

/** One record of the log; a segment's first record is a snapshot, so that older segments can be removed. */
export type LogRecord =
  | { type: 'message'; header: MessageHeader; payload: Buffer }
  | { type: 'commit'; partition: PartitionId; committed: number }
  | { type: 'snapshot'; partitions: PartitionState[] };

const HEAD_LENGTH_BYTES = 4;

/** Encodes a record: length of the JSON head, the head, and for a message its payload as it came. */
export function encodeRecord(record: LogRecord): Buffer {
  const { payload, ...rest } = record.type === 'message' ? record : { ...record, payload: undefined };
  const head = Buffer.from(JSON.stringify(rest));
  const length = Buffer.allocUnsafe(HEAD_LENGTH_BYTES);
  length.writeUInt32LE(head.length);
  return Buffer.concat(payload ? [length, head, payload] : [length, head]);
}

/** Decodes what `encodeRecord` made; the bytes were checked by their frame's checksum. */
export function decodeRecord(bytes: Buffer): LogRecord {
  const headEnd = HEAD_LENGTH_BYTES + bytes.readUInt32LE(0);
  const head = JSON.parse(bytes.toString('utf8', HEAD_LENGTH_BYTES, headEnd)) as LogRecord;
  return head.type === 'message' ? { ...head, payload: bytes.subarray(headEnd) } : head;
}
