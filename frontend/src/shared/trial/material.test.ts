import { describe, expect, it } from 'vitest';

import { NOTHING, sentOf } from './material';

describe('what is sent of what is tried', () => {
  it('is the text, where there is more than blanks', () => {
    expect(sentOf({ ...NOTHING, text: 'hello' }, 'text')).toEqual({ text: 'hello' });
    expect(sentOf({ ...NOTHING, text: '  \n' }, 'text')).toBeNull();
  });

  it('is the picture where pictures pass, whatever was typed', () => {
    expect(sentOf({ ...NOTHING, text: 'hello' }, 'image')).toBeNull();
    expect(sentOf({ ...NOTHING, text: 'hello', asset: 'a' }, 'image')).toEqual({ asset: 'a' });
  });

  it('is the sound where sounds pass, and no picture that was chosen before', () => {
    expect(sentOf({ ...NOTHING, asset: 'a' }, 'audio')).toBeNull();
    expect(sentOf({ ...NOTHING, asset: 'a', sound: 's' }, 'audio')).toEqual({ asset: 's' });
  });
});
