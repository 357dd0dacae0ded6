package keys

// Of the chain key 00 01 02 … 1f: the key of the next epoch, and for the service
// domain www the key for user.contact.email and those of the two ways of encrypting
// addresses. FORMAT.md has them too. A change here makes every pseudonym of running
// installations another one.
const (
	vectorNext          = "aa31ba0868d1b90a5a09fe7305747b9ebd269d3e2b9de9148849e3359db4723e"
	vectorKey           = "ba74dba26ec45be3178e97e96fed837a03247ddd44e3fa4aa966631c67f12b96"
	vectorDeterministic = "3c5954cec82ebbf9cc9c45b5779f524d2ab1a3d7233204de62c7b13866ada7f5"
	vectorPrefix        = "5789291cffc82260c0e8a8eaca5a264c39c09e9c24886aa3ebbd67639c262974"
)
