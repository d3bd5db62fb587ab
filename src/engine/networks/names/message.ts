/**
 * DNS messages as a resolver between two parties needs them: of a query its head and its one question are read, the rest is the
 * upstream server's matter and passes through as bytes. Everything here comes from a container and is hostile.
 * https://www.rfc-editor.org/rfc/rfc1035#section-4.1, https://www.rfc-editor.org/rfc/rfc6891
 */
import { decode, encode, type Answer, type OptAnswer } from 'dns-packet';

/** A reply's last four flag bits. */
export const replyCode = { none: 0, format: 1, serverFailure: 2, notImplemented: 4, refused: 5 } as const;

type ReplyCode = (typeof replyCode)[keyof typeof replyCode];

/** What a query may measure, by TCP as well: reading one takes time that grows with its square. Real ones have some 100 bytes. */
export const longestQuery = 4096;

const headSize = 12;
const flag = { reply: 0x8000, operation: 0x7800, truncated: 0x0200, wanted: 0x0100, available: 0x0080 };
const classInternet = 1;
/** What a client without EDNS takes by UDP. */
const plainLimit = 512;
/** What one with EDNS is believed to take. */
const longestByUdp = 4096;
/** What fits behind a length of two bytes. */
export const longestByTcp = 65_535;
/** What this side would take of another by UDP: fits into any frame. */
const ownLimit = 1232;

export interface Query {
  /** As it came. */
  readonly bytes: Buffer;
  /** Where the question ends and the records begin. */
  readonly questionEnd: number;
  /** In the letters that it was asked in; `.` is the root. */
  readonly name: string;
  /** `A`, `AAAA`, …; `UNKNOWN_65` for what the library does not know. */
  readonly type: string;
  readonly isInternet: boolean;
  readonly hasEdns: boolean;
  /** Bytes that the client takes by UDP. */
  readonly limit: number;
}

/** A query; or the reply to one that cannot be read, made at once; or undefined for what deserves none. Never throws. */
export function readQuery(bytes: Buffer): Query | Buffer | undefined {
  // Replies are not replied to: two resolvers would go on for ever.
  if (bytes.length < headSize || (bytes.readUInt16BE(2) & flag.reply) !== 0) return undefined;
  if ((bytes.readUInt16BE(2) & flag.operation) !== 0) return refusal(bytes, replyCode.notImplemented);
  const question = bytes.length <= longestQuery ? readQuestion(bytes) : undefined;
  if (question === undefined) return refusal(bytes, replyCode.format);
  const edns = readEdns(bytes);
  return {
    ...question,
    bytes,
    hasEdns: edns !== undefined,
    limit: Math.min(Math.max(plainLimit, edns?.udpPayloadSize ?? 0), longestByUdp),
  };
}

/** The reply of this side: the question as it was asked, then `answers`. */
export function reply(query: Query, code: ReplyCode, answers: readonly Answer[] = []): Buffer {
  return assemble(query, code, answers, 0);
}

/** The same in at most `limit` bytes: so many answers as fit, and the mark that there are more. All are of one size. */
export function fittingReply(query: Query, answers: readonly Answer[], limit: number): Buffer {
  const whole = reply(query, replyCode.none, answers);
  if (whole.length <= limit) return whole;
  const empty = reply(query, replyCode.none).length;
  const count = Math.max(0, Math.floor((limit - empty) / ((whole.length - empty) / answers.length)));
  return assemble(query, replyCode.none, answers.slice(0, count), flag.truncated);
}

/** Whether `bytes` reply to this very question under this id: not what somebody guessed, nor what came late for another. */
export function answers(bytes: Buffer, query: Query, id: number): boolean {
  if (bytes.length < headSize || bytes.readUInt16BE(0) !== id) return false;
  if ((bytes.readUInt16BE(2) & flag.reply) === 0) return false;
  // A server that could not read the query may leave the question out.
  if (bytes.readUInt16BE(4) === 0) return codeOf(bytes) !== replyCode.none;
  return lowerCase(questionOf(bytes, query)) === lowerCase(questionOf(query.bytes, query));
}

export function codeOf(bytes: Buffer): number {
  return bytes.readUInt16BE(2) & 15;
}

export function isTruncated(bytes: Buffer): boolean {
  return (bytes.readUInt16BE(2) & flag.truncated) !== 0;
}

export function withId(bytes: Buffer, id: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt16BE(id, 0);
  return copy;
}

/** Of ASCII letters alone, as DNS compares: to toLowerCase the Kelvin sign is a k. */
export function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function questionOf(bytes: Buffer, { questionEnd }: Query): string {
  return bytes.toString('latin1', headSize, questionEnd);
}

type Asked = Pick<Query, 'questionEnd' | 'name' | 'type' | 'isInternet'>;

function readQuestion(bytes: Buffer): Asked | undefined {
  if (bytes.readUInt16BE(4) !== 1) return undefined;
  const alone = Buffer.from(bytes);
  alone.fill(0, 6, headSize);
  try {
    const [question] = decode(alone).questions ?? [];
    const questionEnd = decode.bytes;
    if (question === undefined || questionEnd > bytes.length) return undefined;
    const isInternet = bytes.readUInt16BE(questionEnd - 2) === classInternet;
    return { questionEnd, name: question.name, type: question.type, isInternet };
  } catch {
    return undefined;
  }
}

/** Undefined as well where the records make no sense: then the client takes what everybody takes. */
function readEdns(bytes: Buffer): OptAnswer | undefined {
  try {
    return decode(bytes).additionals?.find((record) => record.type === 'OPT');
  } catch {
    return undefined;
  }
}

/** Records are encoded without pointers to names before them, so they may stand behind any question. */
function assemble(query: Query, code: ReplyCode, answers: readonly Answer[], flags: number): Buffer {
  const edns: OptAnswer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: ownLimit,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  const records = encode({ answers: [...answers], additionals: query.hasEdns ? [edns] : [] });
  const head = headOf(query.bytes, code, flags);
  head.writeUInt16BE(1, 4);
  records.copy(head, 6, 6, headSize);
  return Buffer.concat([head, query.bytes.subarray(headSize, query.questionEnd), records.subarray(headSize)]);
}

function refusal(bytes: Buffer, code: ReplyCode): Buffer {
  return headOf(bytes, code, 0);
}

/** The id, the operation and the wish for recursion come back; no records yet. */
function headOf(bytes: Buffer, code: ReplyCode, flags: number): Buffer {
  const head = Buffer.alloc(headSize);
  head.writeUInt16BE(bytes.readUInt16BE(0), 0);
  const echoed = bytes.readUInt16BE(2) & (flag.operation | flag.wanted);
  head.writeUInt16BE(echoed | flag.reply | flag.available | flags | code, 2);
  return head;
}
