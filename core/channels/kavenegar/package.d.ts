/** What we use of the `kavenegar` package 1.1.4, which ships no types of its own. */
declare module 'kavenegar' {
  type Params = Record<string, string>;
  type Callback = (...answer: unknown[]) => void;
  type Verb = (params: Params, callback: Callback) => void;
  interface Api {
    /** Every method goes through this; it is replaced to bring a transport of one's own. */
    request(action: string, method: string, params: Params, callback: Callback): void;
    Send: Verb;
    SendArray: Verb;
    Status: Verb;
    StatusLocalMessageid: Verb;
    AccountInfo: Verb;
    VerifyLookup: Verb;
  }
  export function KavenegarApi(options: { apikey: string }): Api;
}
