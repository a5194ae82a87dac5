package money

import "strings"

// Currency is an ISO 4217 code in upper case.
type Currency string

// usual is how many decimals most currencies have.
const usual = 2

// decimals are those of the currencies that have other than two, by ISO 4217. (The
// tables of CLDR tell how prices are commonly written, which is not the same: the
// Iraqi dinar has three decimals by the standard, and none there.)
var decimals = map[Currency]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
	"RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}

// known are the codes of the list of current currencies and funds (ISO 4217, table
// A.1). Metals and codes for testing are not among them: nothing is priced in those.
var known = codes(`
	AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
	CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP
	GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY
	KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD
	MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR
	PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL
	THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST
	XAF XCD XCG XOF XPF YER ZAR ZMW ZWG`)

func codes(list string) map[Currency]bool {
	known := map[Currency]bool{}
	for _, code := range strings.Fields(list) {
		known[Currency(code)] = true
	}
	return known
}

// ParseCurrency reads a code in any case; ok tells whether ISO 4217 has it.
func ParseCurrency(s string) (c Currency, ok bool) {
	s = strings.TrimSpace(s)
	c = Currency(strings.ToUpper(s))
	if !known[c] || len(s) != len(c) { // of one length: ſ is S in upper case
		return "", false
	}
	return c, true
}

// Decimals returns how many digits the currency has behind the point, by ISO 4217.
func (c Currency) Decimals() int {
	if n, other := decimals[c]; other {
		return n
	}
	return usual
}
