import { crc32 } from 'node:zlib';

/*
 * A frame is what one flush writes: all records that waited for it, under one checksum.
 * The next frame is written only after the one before it is on disk, so only the last frame of a file can be torn.
 *
 *   magic (4) | length of the body (4) | CRC-32 of the body (4) | body: { length (4) | record }*
 */

/** Marks the start of a frame ("EVLG"), so that a later intact frame can be found behind a broken one. */
const MAGIC = Buffer.from('EVLG', 'latin1');
const HEADER_BYTES = 12;
const RECORD_HEADER_BYTES = 4;

/** Where a record lies inside its file, in bytes. */
export interface RecordPosition {
  position: number;
  length: number;
}

/** What was found in a file: its intact records, and where the intact part ends. */
export interface FrameScan {
  records: RecordPosition[];
  /** Bytes from the start of the file up to the end of the last intact frame. */
  intactBytes: number;
  /** True when an intact frame lies behind a broken one: not a torn write, but damage. */
  damaged: boolean;
}

/** Puts records into one frame; `positions` are relative to the frame's first byte. */
export function encodeFrame(records: readonly Buffer[]): { bytes: Buffer; positions: RecordPosition[] } {
  const bodyLength = records.reduce((sum, record) => sum + RECORD_HEADER_BYTES + record.length, 0);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + bodyLength);
  const positions: RecordPosition[] = [];
  let at = HEADER_BYTES;
  for (const record of records) {
    bytes.writeUInt32LE(record.length, at);
    record.copy(bytes, at + RECORD_HEADER_BYTES);
    positions.push({ position: at + RECORD_HEADER_BYTES, length: record.length });
    at += RECORD_HEADER_BYTES + record.length;
  }
  MAGIC.copy(bytes, 0);
  bytes.writeUInt32LE(bodyLength, 4);
  bytes.writeUInt32LE(crc32(bytes.subarray(HEADER_BYTES)), 8);
  return { bytes, positions };
}

/** Reads the frames of a whole file, up to the first one that is not intact. */
export function scanFrames(file: Buffer): FrameScan {
  const records: RecordPosition[] = [];
  let at = 0;
  for (let end = frameEnd(file, at); end !== undefined; end = frameEnd(file, at)) {
    for (let record = at + HEADER_BYTES; record < end; ) {
      const length = file.readUInt32LE(record);
      records.push({ position: record + RECORD_HEADER_BYTES, length });
      record += RECORD_HEADER_BYTES + length;
    }
    at = end;
  }
  return { records, intactBytes: at, damaged: hasIntactFrameAfter(file, at) };
}

function frameEnd(file: Buffer, at: number): number | undefined {
  if (at + HEADER_BYTES > file.length) return undefined;
  if (file.compare(MAGIC, 0, MAGIC.length, at, at + MAGIC.length) !== 0) return undefined;
  const end = at + HEADER_BYTES + file.readUInt32LE(at + 4);
  if (end > file.length) return undefined;
  return crc32(file.subarray(at + HEADER_BYTES, end)) === file.readUInt32LE(at + 8) ? end : undefined;
}

function hasIntactFrameAfter(file: Buffer, brokenAt: number): boolean {
  for (let at = file.indexOf(MAGIC, brokenAt + 1); at !== -1; at = file.indexOf(MAGIC, at + 1)) {
    if (frameEnd(file, at) !== undefined) return true;
  }
  return false;
}
