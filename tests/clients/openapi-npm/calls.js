// What the two SDKs of this folder are driven with, and how an outcome is told.

export const VERSION = '2016-07-14';
export const ACTION = 'DescribeApis';
// Every rule of encoding: beyond ASCII and beyond the basic plane, reserved, unreserved, empty.
export const TEXTS = {
  Name: '你好 é 𝄞',
  Reserved: 'a b+c%&=/?#:,;@!$\'()*[]{}|\\^`"<>',
  Unreserved: '-_.~',
  Empty: '',
  Lower: 'z',
};
export const JSON_BODY = { name: '你好', list: [1, 2], nested: { empty: '' } };

// Who calls: a key, its secret, and a token if it is a temporary one.
export function accounts(told) {
  return {
    address: told.address,
    usual: { key: told.key, secret: told.secret },
    temporary: { key: told.sts_key, secret: told.sts_secret, token: told.sts_token },
    tokenless: { key: told.sts_key, secret: told.sts_secret },
    inactive: { key: told.inactive_key, secret: told.inactive_secret },
    stranger: { key: 'nobody', secret: told.secret },
    mistaken: { key: told.key, secret: 'another secret' },
  };
}
