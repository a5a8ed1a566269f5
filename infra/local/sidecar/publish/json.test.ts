import { describe, expect, it } from 'vitest';
import { joinMembers, jsonMembers } from './json.ts';

describe('the members of a JSON object', () => {
  it.each([
    '{}',
    ' { } ',
    '{"a":1}',
    '{"a" : {"b":[1,{"c":"}"}],"d":"]"} , "e":[ ] }',
    '{"quote\\"d":"a\\\\","\\u0062":"x,y"}',
    '{"n":-1.5e3,"t":true,"f":false,"z":null,"s":""}',
    '{\n\t"a" :\r\n "b"\n}',
    '{"__proto__":{"x":1},"constructor":2}',
  ])('are the same put together again: %s', (text) => {
    expect(JSON.parse(joinMembers(jsonMembers(text)))).toEqual(JSON.parse(text));
  });

  it('are kept as they were written', () => {
    expect([...jsonMembers('{"big":12345678901234567890 , "price":1.50}')]).toEqual([
      ['big', '12345678901234567890'],
      ['price', '1.50'],
    ]);
  });

  it('are the last ones where a name comes twice', () => {
    expect(jsonMembers('{"a":1,"a":2}').get('a')).toBe('2');
  });

  it.each(['', '[]', 'null', '"{}"', '1', '{', '{"a":}', '{a:1}', '{"a":1} x'])('are not found in %j', (text) => {
    expect(() => jsonMembers(text)).toThrow(SyntaxError);
  });
});
