/** Types of the `kavenegar` package 1.1.4, as far as it is used here; it ships none of its own. */
declare module 'kavenegar' {
  type Params = Record<string, string>;
  type Callback = (...answer: unknown[]) => void;
  type Verb = (params: Params, callback: Callback) => void;
  interface Api {
    /** Every method goes through `request`; it is replaced to bring another transport. */
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
