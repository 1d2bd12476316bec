-- Verifies a request as the gateway does: AppKey, timestamp, signature, Content-MD5, nonce. Forms are
-- left out, and so are the readings that only some clients need.
local ffi = require "ffi"

ffi.cdef[[
typedef struct hmac_ctx_st HMAC_CTX;
HMAC_CTX *HMAC_CTX_new(void);
const void *EVP_sha256(void);
int HMAC_Init_ex(HMAC_CTX *ctx, const void *key, int len, const void *md, void *engine);
int HMAC_Update(HMAC_CTX *ctx, const char *data, size_t len);
int HMAC_Final(HMAC_CTX *ctx, unsigned char *md, unsigned int *len);
int CRYPTO_memcmp(const void *a, const void *b, size_t len);
]]

local C = ffi.C
local concat, sort = table.concat, table.sort
local abs, now = math.abs, ngx.now
local get_headers, get_uri_args, get_method = ngx.req.get_headers, ngx.req.get_uri_args, ngx.req.get_method
local decode_base64, encode_base64, md5_bin = ngx.decode_base64, ngx.encode_base64, ngx.md5_bin

local WINDOW = 900
local nonces = ngx.shared.nonces
local digest, digest_len = ffi.new("unsigned char[32]"), ffi.new("unsigned int[1]")

local function refuse(status)
    ngx.exit(status or 403)
end

-- A context with its key, which is begun again for each request.
local function keyed(secret)
    local ctx = C.HMAC_CTX_new()
    assert(C.HMAC_Init_ex(ctx, secret, #secret, C.EVP_sha256(), nil) == 1)
    return ctx
end

local function is_signature(ctx, text, signature)
    if #signature ~= 32 then return false end
    C.HMAC_Init_ex(ctx, nil, 0, nil, nil)
    C.HMAC_Update(ctx, text, #text)
    C.HMAC_Final(ctx, digest, digest_len)
    return C.CRYPTO_memcmp(digest, signature, 32) == 0
end

local function first(value)
    if type(value) == "table" then return value[1] end
    return value
end

-- The names of a list, sorted, each as declared and as headers are looked up. Callers repeat themselves.
local lists, kept = {}, 0
local function signed_names(list)
    local found = lists[list]
    if found then return found end
    found = { all = {} }
    for name in list:gmatch("[^,%s]+") do
        found[#found + 1] = name
        found.all[name:lower()] = true
    end
    sort(found)
    found.lower = {}
    for i, name in ipairs(found) do found.lower[i] = name:lower() end
    if kept == 1000 then lists, kept = {}, 0 end
    lists[list], kept = found, kept + 1
    return found
end

local function string_to_sign(headers, names)
    local lines = {
        get_method(),
        first(headers["accept"]) or "",
        first(headers["content-md5"]) or "",
        first(headers["content-type"]) or "",
        first(headers["date"]) or "",
    }
    local lower = names.lower
    for i = 1, #names do
        lines[#lines + 1] = names[i] .. ":" .. (first(headers[lower[i]]) or "")
    end
    local path = ngx.var.uri
    if ngx.var.args then
        local args, params = get_uri_args(), {}
        for name in pairs(args) do params[#params + 1] = name end
        sort(params)
        for i, name in ipairs(params) do
            local value = first(args[name])
            if value ~= true and value ~= "" then params[i] = name .. "=" .. value end
        end
        if #params > 0 then path = path .. "?" .. concat(params, "&") end
    end
    lines[#lines + 1] = path
    return concat(lines, "\n")
end

local function new(secrets)
    local keys = {}
    for key, secret in pairs(secrets) do keys[key] = keyed(secret) end

    return function()
        local headers = get_headers()
        local key, nonce = headers["x-ca-key"], headers["x-ca-nonce"]
        local ctx = type(key) == "string" and keys[key]
        if not ctx then return refuse(400) end
        local at = tonumber(headers["x-ca-timestamp"])
        if not at or abs(now() - at / 1000) > WINDOW then return refuse() end
        local names = signed_names(first(headers["x-ca-signature-headers"]) or "")
        local all = names.all
        if type(nonce) ~= "string"
            or not (all["x-ca-key"] and all["x-ca-timestamp"] and all["x-ca-nonce"]) then
            return refuse(400)
        end
        local signature = decode_base64(first(headers["x-ca-signature"]) or "")
        if not signature or not is_signature(ctx, string_to_sign(headers, names), signature) then
            return refuse()
        end
        if headers["content-length"] then
            ngx.req.read_body()
            local body = ngx.req.get_body_data() or ""
            if encode_base64(md5_bin(body)) ~= headers["content-md5"] then return refuse(400) end
        end
        -- Until the timestamp is over, whichever side of this clock it is on.
        local claimed, err = nonces:safe_add(key .. ":" .. nonce, true, WINDOW + at / 1000 - now())
        if not claimed then return refuse(err == "exists" and 403 or 503) end
    end
end

return { new = new }
