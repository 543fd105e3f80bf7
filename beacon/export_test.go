package beacon

// For the tests of package beacon_test.
var Loopback = loopback
